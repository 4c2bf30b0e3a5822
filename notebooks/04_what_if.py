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
# # What if? Effort and priors / Nếu khác đi thì sao? Hoạt động phát hiện và giả định ban đầu
#
# Risk and noticing cannot be told apart by counts alone: here is what hangs on the efforts that were recorded, and on
# the priors. Works on a workspace; without one it runs on the demo's simulated records. It calls the package and holds
# no logic of its own.

# %% tags=["parameters"]
workspace = ""

# %%
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.base import clone

import workflow
from models.risk_priors import Priors

opened = workflow.workspace_or_demo(workspace)
layers = workflow.read_layers(opened)
analysis = workflow.analyse(layers, opened.settings, specification=workflow.model_in_use(opened))
ranking, inputs, model = analysis.outreach, analysis.inputs, analysis.model
top = ranking.head(15).set_index("commune_code")
model.noticing_

# %% [markdown]
# ## How far the ranking depends on what the records do not tell of effort
# The bar is the 90 % interval, the line the band: the results with what each unidentified effort notices fixed at
# either end of its prior.

# %%
figure, axis = plt.subplots(figsize=(7, 5))
axis.barh(top["name"], top["upper"] - top["lower"], left=top["lower"], color="lightgrey", label="90 % interval")
axis.hlines(top["name"], top["band_lower"], top["band_upper"], linewidth=4, label="band")
axis.plot(top["expected"], top["name"], "k|", label="expected")
axis.invert_yaxis()
axis.set(xlabel="events a year that even effort would record")
axis.legend()

# %% [markdown]
# ## What if an effort had not been recorded?
# Rank of each commune without one effort, and without any.

# %%
efforts = tuple(model.effort)
without = {name: tuple(other for other in efforts if other != name) for name in efforts} | {"any": ()}
ranks = pd.DataFrame(
    {
        f"without {name}": workflow.fit(clone(model).set_params(effort=left), inputs)
        .predict()["expected"]
        .rank(ascending=False)
        for name, left in without.items()
    }
).assign(now=model.predict()["expected"].rank(ascending=False))
ranks.loc[top.index].assign(name=top["name"]).set_index("name")

# %% [markdown]
# ## What if the priors were others?
# Other shares noticed at mean effort, and stronger or weaker efforts. The level of `detection` is mostly the prior's;
# the order of the communes should hang on it little.

# %%
assumed = {
    "as they are": Priors(),
    "half as much is noticed": Priors(noticed=0.15),
    "twice as much is noticed": Priors(noticed=0.6),
    "efforts may matter more": Priors(effort_sd=2.0),
    "covariates may matter more": Priors(covariate_sd=1.0),
}
predicted = {
    name: workflow.fit(clone(model).set_params(priors=priors), inputs).predict() for name, priors in assumed.items()
}
pd.DataFrame(
    {
        name: {
            "mean detection": table["detection"].mean(),
            "correlation of ranks": table["expected"].corr(model.predict()["expected"], method="spearman"),
        }
        for name, table in predicted.items()
    }
).T

# %%
figure, axis = plt.subplots(figsize=(7, 5))
for name, table in predicted.items():
    axis.plot(table.loc[top.index, "expected"], top["name"], "o", alpha=0.6, label=name)
axis.invert_yaxis()
axis.set(xlabel="events a year that even effort would record")
axis.legend()
