"""The engine against R's spatstat and sparr, at recorded values: R is not needed here.

`r_reference.json` holds the values, R's and the packages' versions and the call of each value; `r_reference.R` writes
it. What spatstat sums over pairs of points must agree to rounding. Masses inside the polygon it counts in pixels: the
polygon's edge is wrong by up to half a pixel, at random, and an error falls with the pixel's side to the power 3/2.

Not compared, because it is defined otherwise there: weights of sparr's adaptive densities, whose geometric mean does
not know them; tolerance surfaces (asymptotic, or by random labels of the pooled points; ours draws from the
population); bw.diggle, and the integral over the window in bw.ppl.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine

from geo.density import KernelDensity, RelativeRisk, choose_bandwidth
from geo.density._profile import GAUSSIAN, Profile
from geo.density.adaptive import SquareRootLaw
from geo.density.parameters import POWERS
from geo.density.study_area import GAUSSIAN_CUT, StudyArea
from geo.grid import Grid

R = json.loads(Path(__file__).with_name("r_reference.json").read_text())
KERNELS = sorted(POWERS)
SIGMA = 1520.0
PER_KM2 = 1e6  # R's densities are per square metre


def recorded(name):
    return np.array(R["values"][name]["values"])


def axes(name):
    return np.array(R[name]["x"]), np.array(R[name]["y"])


def ring(name):
    return list(zip(R["province"][name]["x"], R["province"][name]["y"], strict=True))


PROVINCE = StudyArea(shapely.Polygon(ring("outer"), [ring("hole")]))
WEST, EAST, SOUTH, NORTH = R["box"]
BOX = StudyArea(shapely.box(WEST, SOUTH, EAST, NORTH))
GRID = Grid("EPSG:9205", Affine(300, 0, WEST, 0, -300, NORTH), (54, 54))
SCATTERED, CENTRED, PLACES = axes("scattered"), axes("centred"), axes("places")
WEIGHTS, CENTRED_WEIGHTS = np.array(R["scattered"]["weights"]), np.array(R["centred"]["weights"])
CASE, PERSONS = np.array(R["centred"]["case"]) == 1, np.array(R["centred"]["persons"])
CASES, CONTROLS = tuple(axis[CASE] for axis in CENTRED), tuple(axis[~CASE] for axis in CENTRED)


def bandwidth(kernel, sigma=SIGMA):
    """Our bandwidth for a standard deviation along each axis, which is what spatstat asks for."""
    return sigma if kernel == "gaussian" else sigma * np.sqrt(2 * (POWERS[kernel] + 2))


def mass(area, x, y, kernel, own):
    if kernel == "gaussian":
        return area.mass(x, y, GAUSSIAN_CUT * own, Profile(GAUSSIAN, 0.5 * GAUSSIAN_CUT**2), 1)
    return area.mass(x, y, own, Profile(POWERS[kernel]), 1)


def cells(surface, points):
    """The surface at points that are centres of cells."""
    return surface[((NORTH - points[1]) // 300).astype(int), ((points[0] - WEST) // 300).astype(int)]


def assert_equal(ours, expected, rtol):
    """To a relative tolerance, and where a kernel's sum is next to nothing, to rounding of the others'."""
    np.testing.assert_allclose(ours, expected, rtol=rtol, atol=1e-14 * np.max(expected))


def assert_closer_with_smaller_pixels(ours, name, pixels, rtol, scale=1.0):
    """To a tolerance with R's smaller pixels, a third as wide; with the larger ones the error is 3^1.5 times that."""
    coarse, fine = (scale * recorded(f"{name} {n}") for n in pixels)
    np.testing.assert_allclose(ours, fine, rtol=rtol)
    error_of = [np.sqrt(np.mean((ours / theirs - 1) ** 2)) for theirs in (coarse, fine)]
    assert error_of[1] < 0.4 * error_of[0]


def test_the_reference_says_what_made_it():
    assert set(R["versions"]) == {"R", "spatstat.geom", "spatstat.explore", "sparr"}
    assert R["data"].startswith("simulated")
    assert all(entry["call"] for entry in R["values"].values())
    assert all(np.isfinite(recorded(name)).all() for name in R["values"])


@pytest.mark.parametrize("kernel", KERNELS)
def test_densities_are_those_of_spatstat(kernel):
    """At the points, at other places and on a grid; spatstat sums over pairs, the Gaussian to 8 σ."""
    model = KernelDensity(kernel, bandwidth(kernel)).fit(*SCATTERED, WEIGHTS)
    assert_equal(model.at(*SCATTERED), PER_KM2 * recorded(f"{kernel} points"), rtol=1e-12)
    expected = PER_KM2 * recorded(f"{kernel} places")
    assert_equal(model.at(*PLACES), expected, rtol=1e-12)
    assert_equal(cells(model.to_grid(GRID), PLACES), expected, rtol=1e-12)


@pytest.mark.parametrize(("pixels", "error"), [(486, 1e-3), (1458, 5e-4)])
def test_an_image_of_spatstat_is_that_of_points_moved_to_pixels(pixels, error):
    """Its convolution is exact but for the rounding of its transform; moving the points costs far more."""
    expected = PER_KM2 * recorded(f"moved {pixels}")
    side = (EAST - WEST) / pixels
    moved = (
        low + side * (np.floor((axis - low) / side) + 0.5) for axis, low in zip(SCATTERED, (WEST, SOUTH), strict=True)
    )
    model = KernelDensity("gaussian", SIGMA)
    np.testing.assert_allclose(model.fit(*moved, WEIGHTS).at(*PLACES), expected, rtol=1e-10)
    difference = np.abs(model.fit(*SCATTERED, WEIGHTS).at(*PLACES) - expected).max()
    assert 0.1 * error < difference / expected.max() < error


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_likelihood_of_a_bandwidth_is_that_of_spatstat(kernel):
    """bw.ppl sums where we average, does not divide by the number of the others, and is per m²."""
    n = SCATTERED[0].size
    sigmas = np.array([100.0, 400.0, 1500.0, 6000.0] if kernel == "gaussian" else [1500.0, 3000.0, 6000.0])
    search = choose_bandwidth(
        *SCATTERED, np.ones(n), POWERS[kernel], "likelihood", candidates_m=bandwidth(kernel, sigmas)
    )
    expected = recorded(f"{kernel} likelihood") / n - np.log(n - 1) + np.log(PER_KM2)
    np.testing.assert_allclose(search.scores, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "tolerance"),
    # Pixels of 33 m integrate smooth kernels well and the disc roughly; our table of K ∗ K is good to 1e-6.
    [("gaussian", 1e-11), ("triweight", 1e-6), ("quartic", 1e-6), ("epanechnikov", 5e-6), ("uniform", 1e-3)],
)
def test_the_least_squares_score_of_a_bandwidth_is_that_of_spatstats_parts(kernel, tolerance):
    """∫ f̂² and the mean of the others' densities; sparr's LSCV.density divides the second by n, not by n − 1."""
    n = CENTRED[0].size
    search = choose_bandwidth(
        *CENTRED, np.ones(n), POWERS[kernel], "least-squares",
        candidates_m=bandwidth(kernel, np.array([760.0, 1520.0])),
    )  # fmt: skip
    square = PER_KM2 * recorded(f"{kernel} square") / n**2
    expected = square - 2 * PER_KM2 * recorded(f"{kernel} left out") / (n - 1)
    assert (np.abs(search.scores - expected) < tolerance * square).all()


@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_densities_in_a_rectangle_are_those_of_spatstat(correction):
    """It has the Gaussian's mass there in closed form; ours is cut at 6.5 σ, and on a fine grid interpolated."""
    model = KernelDensity("gaussian", SIGMA, edge_correction=correction).fit(*SCATTERED, WEIGHTS, area=BOX)
    np.testing.assert_allclose(mass(BOX, *SCATTERED, "gaussian", SIGMA), recorded("box mass"), rtol=1e-9)
    np.testing.assert_allclose(model.at(*SCATTERED), PER_KM2 * recorded(f"box {correction} points"), rtol=1e-9)
    expected = PER_KM2 * recorded(f"box {correction} places")
    np.testing.assert_allclose(model.at(*PLACES), expected, rtol=1e-9)
    on_grid = 1e-6 if correction == "uniform" else 1e-9
    np.testing.assert_allclose(cells(model.to_grid(GRID), PLACES), expected, rtol=on_grid)


def test_a_discs_mass_is_that_of_spatstats_clipped_polygons():
    """A disc of 16,384 corners, whose area is short of a circle's by 2.5e-8 of it."""
    ours = mass(PROVINCE, *PLACES, "uniform", bandwidth("uniform"))
    np.testing.assert_allclose(ours, recorded("clipped disc mass"), rtol=5e-8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_masses_and_corrected_densities_in_a_polygon_are_those_of_spatstat(kernel):
    """With a hole and a bay; the disc, which jumps, gathers the error of its own rim too."""
    check = {"pixels": (486, 1458), "rtol": 1e-4 if kernel == "uniform" else 5e-5}
    h = bandwidth(kernel)
    assert_closer_with_smaller_pixels(mass(PROVINCE, *PLACES, kernel, h), f"{kernel} mass", **check)
    uniform, diggle = (
        KernelDensity(kernel, h, edge_correction=name).fit(*CENTRED, CENTRED_WEIGHTS, area=PROVINCE)
        for name in ("uniform", "diggle")
    )
    for ours in (uniform.at(*CENTRED), cells(uniform.to_grid(GRID), CENTRED)):
        assert_closer_with_smaller_pixels(ours, f"{kernel} uniform", scale=PER_KM2, **check)
    for ours in (diggle.at(*PLACES), cells(diggle.to_grid(GRID), PLACES)):
        assert_closer_with_smaller_pixels(ours, f"{kernel} diggle", scale=PER_KM2, **check)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_relative_risk_is_that_of_spatstat(kernel):
    """It divides intensities, we densities; a uniform correction would cancel."""
    for correction, area in ((None, None), ("uniform", PROVINCE)):
        model = RelativeRisk(KernelDensity(kernel, bandwidth(kernel), edge_correction=correction))
        ratio = model.fit(CASES, CONTROLS, PERSONS[~CASE], area=area).to_grid(GRID)
        expected = recorded(f"{kernel} risk") * PERSONS[~CASE].sum() / CASE.sum()
        np.testing.assert_allclose(cells(ratio, CENTRED), expected, rtol=1e-10, atol=1e-12 * expected.max())


def test_the_relative_risk_with_diggles_correction_is_that_of_spatstat_and_sparr():
    """The correction keeps the number of points, so that sparr, who scales both surfaces to 1, divides the same."""
    model = RelativeRisk(KernelDensity("gaussian", SIGMA, edge_correction="diggle"))
    weighted = cells(model.fit(CASES, CONTROLS, PERSONS[~CASE], area=PROVINCE).to_grid(GRID), CENTRED)
    scale = PERSONS[~CASE].sum() / CASE.sum()
    assert_closer_with_smaller_pixels(weighted, "risk diggle", (486, 1458), rtol=5e-5, scale=scale)
    plain = cells(model.fit(CASES, CONTROLS, area=PROVINCE).to_grid(GRID), PLACES)
    assert_closer_with_smaller_pixels(plain, "sparr risk diggle", (486, 1458), rtol=5e-5)


def adaptive(correction, points):
    """An adaptive density, and its bandwidths at the places."""
    area = None if correction is None else PROVINCE
    model = KernelDensity("gaussian", SIGMA, adaptive=True, edge_correction=correction).fit(*points, area=area)
    pilot = KernelDensity("gaussian", SIGMA, edge_correction=correction).fit(*points, area=area)
    law = SquareRootLaw.fitted(SIGMA, pilot.at(*points), np.ones(points[0].size))
    return model, law.bandwidths(pilot.at(*PLACES))


@pytest.mark.parametrize("points", ["centred", "cases"])
def test_adaptive_densities_are_those_of_sparr(points):
    """Without a correction there is nothing to approximate: points and places are centres of its pixels."""
    model, own = adaptive(None, {"centred": CENTRED, "cases": CASES}[points])
    np.testing.assert_allclose(model.bandwidths_m_, recorded(f"adaptive none {points} h 162"), rtol=1e-11)
    np.testing.assert_allclose(own, recorded(f"adaptive none {points} him 162"), rtol=1e-11)
    expected = PER_KM2 * recorded(f"adaptive none {points} z 162")
    np.testing.assert_allclose(model.at(*PLACES), expected, rtol=1e-11)
    np.testing.assert_allclose(cells(model.to_grid(GRID), PLACES), expected, rtol=1e-11)


# sparr sums a uniform correction over all pairs of pixels, which are 100 m wide at best; Diggle's over those of 33 m.
ADAPTIVE = [("uniform", (54, 162), 2e-3), ("diggle", (162, 486), 2e-4)]


@pytest.mark.parametrize("points", ["centred", "cases"])
@pytest.mark.parametrize(("correction", "pixels", "rtol"), ADAPTIVE)
def test_corrected_adaptive_densities_are_those_of_sparr(correction, pixels, rtol, points):
    places = {"centred": CENTRED, "cases": CASES}[points]
    model, own = adaptive(correction, places)
    name = f"adaptive {correction} {points}"
    assert_closer_with_smaller_pixels(model.bandwidths_m_, f"{name} h", pixels, rtol)
    assert_closer_with_smaller_pixels(own, f"{name} him", pixels, rtol)
    at, own_at = (PLACES, own) if correction == "uniform" else (places, model.bandwidths_m_)
    assert_closer_with_smaller_pixels(mass(PROVINCE, *at, "gaussian", own_at), f"{name} q", pixels, rtol)
    for ours in (model.at(*PLACES), cells(model.to_grid(GRID), PLACES)):
        assert_closer_with_smaller_pixels(ours, f"{name} z", pixels, rtol, scale=PER_KM2)
    # Far from the cases their law reaches its cap.
    assert (own.max() > (5 - 1e-9) * np.median(model.bandwidths_m_)) == (points == "cases")


def test_the_adaptive_relative_risk_is_that_of_sparr():
    """Its densities are of intensity, ours of 1; each of the two has an error of its own."""
    scale = CONTROLS[0].size / CASES[0].size
    density = KernelDensity("gaussian", SIGMA, adaptive=True)
    ratio = cells(RelativeRisk(density).fit(CASES, CONTROLS).to_grid(GRID), PLACES)
    np.testing.assert_allclose(ratio, scale * recorded("adaptive none risk 162"), rtol=1e-11)
    for correction, pixels, rtol in ADAPTIVE:
        density.set_params(edge_correction=correction)
        ratio = cells(RelativeRisk(density).fit(CASES, CONTROLS, area=PROVINCE).to_grid(GRID), PLACES)
        assert_closer_with_smaller_pixels(ratio, f"adaptive {correction} risk", pixels, 2 * rtol, scale)
