"""The kernel-density engine: exact surfaces in events per km², and the ratio of two of them."""

from geo.density.bandwidth import BandwidthSearch, choose_bandwidth
from geo.density.kernel_density import KernelDensity
from geo.density.ratio import density_ratio

__all__ = ["BandwidthSearch", "KernelDensity", "choose_bandwidth", "density_ratio"]
