"""The kernel-density engine: exact surfaces in events per km², and the ratio of two of them."""

from geo.density.kernel_density import KernelDensity
from geo.density.ratio import density_ratio

__all__ = ["KernelDensity", "density_ratio"]
