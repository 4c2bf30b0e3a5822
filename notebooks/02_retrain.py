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
# # Retrain, and compare with the model in use / Huấn luyện lại và so với mô hình đang dùng
#
# Works on a workspace; without one it runs on the demo's simulated records. It calls the package and holds no logic
# of its own. What it trains is kept as a candidate; which model the runs use, `diemnong promote` alone decides.

# %% tags=["parameters"]
workspace = ""

# %%
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.base import clone

import workflow

opened = workflow.workspace_or_demo(workspace)
incumbent = workflow.model_in_use(opened) or workflow.train(opened).model
incumbent

# %% [markdown]
# ## What it learned
# How much of the attention each effort brings, and whether the records moved what was assumed.

# %%
incumbent.noticing_

# %%
pd.Series(incumbent.hyper_)

# %% [markdown]
# ## A challenger
# Change what you want to try: other streams, efforts, covariates, priors, the negative binomial.

# %%
challenger = workflow.train(opened, clone(incumbent).set_params(covariates=()))
[str(message) for message in challenger.messages][:8]

# %% [markdown]
# ## The same last months, which neither has seen
# A difference counts only where its 90 % interval leaves out zero. One year says little.

# %%
comparison = workflow.compare_models(opened, challenger.model, incumbent)
comparison

# %% [markdown]
# ## Where they differ

# %%
ranking = challenger.ranking
before = incumbent.predict().loc[ranking["commune_code"], "expected"]
figure, axis = plt.subplots(figsize=(6, 6))
axis.errorbar(
    before,
    ranking["expected"],
    yerr=[ranking["expected"] - ranking["lower"], ranking["upper"] - ranking["expected"]],
    fmt="o",
    alpha=0.6,
)
axis.axline((1, 1), slope=1, color="grey", linewidth=1)
axis.set(xscale="log", yscale="log", xlabel="events a year, model in use", ylabel="events a year, challenger (90 %)")

# %% [markdown]
# To use it: `diemnong promote` with this name. Its card lies beside it.

# %%
opened.models / challenger.card.model_id / "card.md"
