"""Gaussian kernel sums by way of a coarse lattice: spread by a narrower Gaussian, the rest by Fourier. Arrays only.

A Gaussian of variance σ² is one of variance τ², then one of σ² − τ² − υ², then one of υ². The first takes the points to
a lattice of spacing s; the second is a multiplication by exp(−(σ² − τ² − υ²)k²/2) in frequency; the third gathers at a
place what it gets from the lattice (the fast Gaussian gridding of Greengard & Lee, SIAM Review 46 (2004) 443–454, here
with no deconvolution). Points of different σ share a lattice: with a the narrowest of them, f = `SHARE`, υ² = fa² and
τ² = σ² − (1 − f)a², what is done in frequency and after is the same for all.

The first and the third are cut at tτ and tυ. With ε = exp(−t²/2), a point of weight W adds at most these errors:

- ε·W where it is left out, being further than tσ away;
- ¾ε·W for what is cut of the first and of the third on each axis, and for what falls beside the lattice;
- ε·W by its images on each axis: the period is wider than the places by 2t times the widest σ;
- ε·W by each alias, two on each axis, to the lattice and from it: a mode k takes k ± 2π/s for its own, weakened to
  exp(−(2π/s)² τ²(σ² − τ²)/2σ²) or less. That is largest for σ = a, where s makes it ε.

Together less than 16 ε·W.
"""

import numpy as np
from scipy import fft

from geo.density._gaussian_spread import Gaussians, spread
from geo.density._layout import Floats, Lattice

SHARE = 0.2
"""Part of the narrowest variance that is υ². Less needs a finer lattice, more a wider spread."""

SPARE = 4
"""More nodes than are needed, so that a gather may read a few too many."""


def cut_for(x: Floats, y: Floats, sigma: float, tolerance: float) -> tuple[float, float]:
    """Return where to cut, in σ, for an error of tolerance · Σ|w| / spread of the peak, and the spread 1 + A/2πσ².

    A is the area of the points' bounding box.
    """
    spread = 1 + float(np.ptp(x)) * float(np.ptp(y)) / (2 * np.pi * sigma**2)
    return float(np.sqrt(2 * np.log(16 * spread / tolerance))), spread


def finest_spacing(sigma: float, cut: float) -> float:
    """Return the spacing of nodes with which aliases are at most exp(−cut²/2)."""
    return float(2 * np.pi * sigma * np.sqrt(SHARE * (1 - SHARE)) / cut)


def nodes_around(
    west: float, north: float, width: float, height: float, narrowest: float, widest: float, cut: float
) -> Lattice:
    """Return the lattice for places in a rectangle and Gaussians from the narrowest to the widest."""
    spacing = finest_spacing(narrowest, cut)
    before = int(np.ceil(cut * widest / spacing))
    rows, cols = (
        fft.next_fast_len(int(np.ceil(side / spacing)) + 2 * before + SPARE, real=True) for side in (height, width)
    )
    return Lattice(west - (before + 0.5) * spacing, north + (before + 0.5) * spacing, spacing, rows, cols)


def on_lattice(points: Gaussians, cut: float, nodes: Lattice, threads: int) -> Floats:
    """Return the values at the nodes from which Gaussians of `gathering_width` gather Σ weight · exp(−d²/2σ²)."""
    narrowest = points.narrowest
    values = np.zeros((nodes.rows, nodes.cols))
    spread(points, (1 - SHARE) * narrowest**2, cut, nodes, threads, values)
    modes = fft.rfft2(values, workers=threads)
    del values
    rest = 0.5 * (1 - 2 * SHARE) * narrowest**2
    # The gathering Gaussian has a peak of 1, and so a mass of 2πυ².
    mass = 2 * np.pi * gathering_width(narrowest) ** 2 / nodes.cell**2
    modes *= np.exp(-rest * (2 * np.pi * fft.fftfreq(nodes.rows, nodes.cell)[:, None]) ** 2) / mass
    modes *= np.exp(-rest * (2 * np.pi * fft.rfftfreq(nodes.cols, nodes.cell)) ** 2)
    # One axis at a time, the first in place: half the memory.
    modes = fft.ifft(modes, axis=0, overwrite_x=True, workers=threads)
    widened: Floats = fft.irfft(modes, nodes.cols, axis=1, workers=threads)
    return widened


def gathering_width(narrowest: float) -> float:
    """Return υ."""
    return float(np.sqrt(SHARE) * narrowest)
