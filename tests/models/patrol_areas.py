"""Made-up borders for tests of patrols."""

import numpy as np
import pandas as pd

from models.patrol_demand import PatrolArea


def made_up_area(posts=2, sectors=5, teams=1, draws=20, seed=0, spread_h=4.0):
    """Return an area whose places are points in a square ``spread_h`` hours wide."""
    rng = np.random.default_rng(seed)
    at_post, at_sector = rng.random((posts, 2)) * spread_h, rng.random((sectors, 2)) * spread_h
    post_ids = [f"P{k}" for k in range(posts)]
    sector_ids = [f"S{k}" for k in range(sectors)]
    access = np.linalg.norm(at_post[:, None] - at_sector, axis=2)
    between = np.linalg.norm(at_sector[:, None] - at_sector, axis=2)
    return PatrolArea(
        pd.DataFrame(rng.gamma(2.0, 1.0, (sectors, 1)) * rng.gamma(4.0, 0.25, (sectors, draws)), index=sector_ids),
        pd.DataFrame(access, index=post_ids, columns=sector_ids),
        pd.DataFrame(between, index=sector_ids, columns=sector_ids),
        pd.Series(teams, index=post_ids),
    )
