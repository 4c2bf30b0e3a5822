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
# # Look at the data before any ranking / Xem số liệu trước khi xếp hạng
#
# Works on a workspace; without one it runs on the demo's simulated records. It calls the package and holds no logic
# of its own.

# %% tags=["parameters"]
workspace = ""

# %%
import matplotlib.pyplot as plt

import workflow

opened = workflow.workspace_or_demo(workspace)
layers = workflow.read_layers(opened)
{name: len(rows) for name, rows in layers.records.items()}

# %% [markdown]
# ## Counts by commune and month

# %%
analysis = workflow.analyse(layers, opened.settings)
analysis.panel.table.groupby("month")[["cases", "absences", "sessions"]].sum().tail(12)

# %%
monthly = analysis.panel.table.groupby("month")[["cases", "absences"]].sum()
axes = monthly.plot(subplots=True, figsize=(9, 4), drawstyle="steps-mid", title="Recorded a month")

# %% [markdown]
# ## What could not be counted

# %%
analysis.panel.placement

# %% [markdown]
# ## Noticing or happening? Recorded events against outreach effort

# %%
ranking = analysis.outreach
figure, axis = plt.subplots(figsize=(6, 4))
axis.scatter(ranking["sessions_per_1000"], ranking["recorded_rate"], s=ranking["population"] / 300, alpha=0.6)
axis.set(xlabel="outreach sessions per 1,000 people", ylabel="recorded events per 10,000 people a year")

# %% [markdown]
# ## The ranking on the map

# %%
mapped = layers.communes.merge(ranking[["commune_code", "expected"]], on="commune_code")
axis = mapped.to_crs(opened.settings.crs).plot("expected", legend=True, figsize=(7, 7), cmap="YlOrRd", edgecolor="grey")
axis.set_axis_off()
