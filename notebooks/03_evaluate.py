# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Evaluate honestly / Đánh giá trung thực
#
# Works on a workspace; without one it runs on the demo's simulated records. It calls the package and holds no logic
# of its own. Every forecast is judged by what came after it, every number has its interval, and "better" is said only
# where the interval of a difference leaves out zero.

# %% tags=["parameters"]
workspace = ""

# %%
import matplotlib.pyplot as plt

import workflow

opened = workflow.workspace_or_demo(workspace)
found = workflow.evaluate_workspace(opened, windows=1)
for message in found.messages:
    print(message)

# %% [markdown]
# ## All numbers at one budget

# %%
scores = found.evaluation.scores
scores.query("metric in ['hit_rate', 'pei'] and of == 'units' and budget == 0.1")

# %% [markdown]
# ## What is shown, and what is not
# Most differences of one year cannot be told from chance. That is a result.

# %%
found.evaluation.comparisons.value_counts(["other", "verdict"], sort=False).unstack(fill_value=0)

# %% [markdown]
# ## Is a probability what it says?
# On the line, of the communes that were given a chance of 40 % four in ten came among the first.

# %%
reliability = found.evaluation.reliability.query("top == 20")
figure, axis = plt.subplots(figsize=(6, 6))
for name, points in reliability.groupby("model"):
    axis.plot(points["forecast"], points["came"], "o-", alpha=0.6, label=name)
axis.axline((0, 0), slope=1, color="grey", linewidth=1)
axis.set(xlabel="forecast chance to be among the first 20 %", ylabel="share that was", xlim=(0, 1), ylim=(0, 1))
axis.legend(fontsize="small")

# %% [markdown]
# ## Do the newest months still fit, and where do they not?

# %%
found.drift.checks

# %%
ranking = found.drift.units.sort_values("q")
ranking.head(10)

# %% [markdown]
# The tables and the picture lie here.

# %%
found.folder
