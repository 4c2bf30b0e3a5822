# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Evaluate honestly / Đánh giá trung thực
#
# Forward in time only: at each origin every model is fitted to what came before it, and judged by what came in the next
# year. Each number has its interval, and "better" is said only where the paired interval excludes zero. Works on a
# workspace; without one it runs on the demo's simulated records. It calls the package and holds no logic of its own.

# %% tags=["parameters"]
workspace = ""
years = 1

# %%
import matplotlib.pyplot as plt

import workflow

opened = workflow.workspace_or_demo(workspace)
evaluated = workflow.evaluate_workspace(opened, windows=years)
evaluation = evaluated.evaluation
[str(message) for message in evaluated.messages]

# %% [markdown]
# ## Every model beside every baseline
# Records follow effort: a model that corrects for it is also listed as it expects to be recorded, which is what records
# can judge.

# %%
scores = evaluation.scores
scores[(scores["metric"] == "log_score") | ((scores["metric"] == "hit_rate") & (scores["of"] == "units"))]

# %% [markdown]
# ## Is it shown to be better?

# %%
comparisons = evaluation.comparisons
comparisons[comparisons["verdict"] != "not told apart"]

# %% [markdown]
# ## Hit rates: what share of the events lay in the first communes

# %%
figure, axis = plt.subplots(figsize=(7, 5))
for name, curve in evaluation.curves[evaluation.curves["of"] == "units"].groupby("model", sort=False):
    axis.plot(curve["share"], curve["hit_rate"], label=name)
axis.set(xlabel="share of the communes, ranked first", ylabel="share of the next year's events", xlim=(0, 0.5))
axis.legend(fontsize="small")

# %% [markdown]
# ## Are probabilities true? P(among the first) against what came

# %%
reliability = evaluation.reliability
figure, axis = plt.subplots(figsize=(5, 5))
for name, bins in reliability[reliability["top"] == 20].groupby("model", sort=False):
    axis.plot(bins["forecast"], bins["came"], "o-", alpha=0.6, label=name)
axis.axline((0, 0), slope=1, color="grey", linewidth=1)
axis.set(xlabel="P(among the first 20 %), forecast", ylabel="share that was among them")
axis.legend(fontsize="small")

# %% [markdown]
# ## Do the newest months still fit?

# %%
evaluated.drift.checks
