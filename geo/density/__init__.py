"""The kernel-density engine: exact surfaces in events per km², and ratios of two of them."""

from geo.density.bandwidth import BandwidthSearch, choose_bandwidth
from geo.density.kernel_density import KernelDensity
from geo.density.ratio import density_ratio
from geo.density.relative_risk import RelativeRisk
from geo.density.tiled import density_tiles

__all__ = ["BandwidthSearch", "KernelDensity", "RelativeRisk", "choose_bandwidth", "density_ratio", "density_tiles"]
