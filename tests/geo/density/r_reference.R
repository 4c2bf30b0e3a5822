# Reference values for the kernel-density engine, by R's spatstat and sparr. Simulated data, from formulas: nobody's.
#
#     apt-get install r-cran-spatstat.explore r-cran-sparr        (Debian 12)
#     Rscript tests/geo/density/r_reference.R                     (from the root; four minutes)
#
# writes tests/geo/density/r_reference.json, which tests/geo/density/test_against_r.py reads: R itself is not needed
# there. Each value stands beside the call that gave it. Lengths are metres, densities points per square metre.
#
# spatstat's sigma is the standard deviation of a kernel along each axis: (1 - d^2/h^2)^m has h = sigma sqrt(2 (m + 2)).
# What spatstat computes at points is summed over pairs; what it computes on pixels, and every mass of a kernel inside
# a polygon, is a convolution of pixels: a point moves to its pixel's centre, and a pixel is inside if its centre is.
# So all of "centred", and all places, are centres of 300 m pixels, and remain centres when 3 x 3 pixels are made of
# each: then nothing is moved, and only the polygon's edge is approximate. "scattered" lies where it lies.

suppressWarnings(suppressPackageStartupMessages({
  library(spatstat.geom)
  library(spatstat.explore)
  library(sparr)
}))

west <- 480000
south <- 2380000
side <- 16200
COARSE <- 54 # pixels a side: 300 m

# A concave polygon that touches its frame on all sides, with a hole (spatstat's holes run clockwise).
outer_ring <- list(
  x = west + c(0, 7391, 16200, 14617, 10943, 12381, 3517), y = south + c(2137, 0, 3853, 9271, 8119, 16200, 14729)
)
hole <- list(x = west + c(5113, 5871, 8417), y = south + c(5227, 8693, 6059))
province <- owin(poly = list(outer_ring, hole))
box <- owin(west + c(0, side), south + c(0, side))

# Spread evenly (multiples of two irrational numbers, modulo 1); every third drawn to a village.
spread <- function(numbers) {
  x <- west + side * ((numbers * 0.7548776662466927) %% 1)
  y <- south + side * ((numbers * 0.5698402909980532) %% 1)
  near <- numbers %% 3 == 0
  x[near] <- west + 10100 + 0.15 * (x[near] - west - 10100)
  y[near] <- south + 5300 + 0.15 * (y[near] - south - 5300)
  list(x = x, y = y)
}
to_centre <- function(v, origin) origin + 300 * (floor((v - origin) / 300) + 0.5)
inside <- function(at) {
  at <- unique(data.frame(x = at$x, y = at$y))
  at <- at[inside.owin(at$x, at$y, province), ]
  ppp(at$x, at$y, window = province)
}
centred_at <- function(numbers) {
  at <- spread(numbers)
  inside(list(x = to_centre(at$x, west), y = to_centre(at$y, south)))
}

scattered <- inside(spread(1:75))
centred <- centred_at(101:175)
w <- 0.5 + (seq_len(npoints(scattered)) * 0.6180339887498949) %% 1
cw <- 0.5 + (seq_len(npoints(centred)) * 0.6180339887498949) %% 1
boxed <- ppp(scattered$x, scattered$y, window = box)
centres <- inside(expand.grid(x = west + 300 * (1:COARSE - 0.5), y = south + 300 * (1:COARSE - 0.5)))
places <- centres[seq(5, npoints(centres), by = 53)]

# For the relative risk: a third are cases, and persons the weights of the controls.
case <- seq_len(npoints(centred)) %% 3 == 1
persons <- ifelse(case, 1, 100 * cw)
marked <- centred %mark% factor(ifelse(case, "case", "control"), levels = c("control", "case"))
cases <- centred[case]
controls <- centred[!case]

# spatstat has no triweight, but takes a function; this one is of unit sigma.
triweight <- function(x, y) 4 / (10 * pi) * pmax(1 - (x^2 + y^2) / 10, 0)^3
KERNELS <- list(
  gaussian = "gaussian", uniform = "disc", epanechnikov = "epanechnikov", quartic = "quartic",
  triweight = quote(triweight)
)

recorded <- list()
record <- function(name, call, values = eval(call, globalenv())) {
  message(name)
  text <- paste(trimws(deparse(call, width.cutoff = 500L)), collapse = " ")
  recorded[[name]] <<- list(call = text, values = as.numeric(values))
}

# --- Exact: sums over pairs. sigma is 1520, because no points of the lattice are 3040 m apart: on the rim of a disc
# rounding would decide. -----------------------------------------------------------------------------------------------

for (kernel in names(KERNELS)) {
  k <- KERNELS[[kernel]]
  record(paste(kernel, "points"), bquote(density.ppp(
    scattered, 1520, kernel = .(k), scalekernel = TRUE, weights = w, edge = FALSE, at = "points", leaveoneout = FALSE
  )))
  record(paste(kernel, "places"), bquote(densityfun(
    scattered, 1520, kernel = .(k), scalekernel = TRUE, weights = w, edge = FALSE
  )(places$x, places$y)))
  sigmas <- if (kernel == "gaussian") c(100, 400, 1500, 6000) else c(1500, 3000, 6000)
  record(paste(kernel, "likelihood"), bquote(attr(bw.ppl(
    scattered, sigma = .(sigmas), kernel = .(k), scalekernel = TRUE, edge = FALSE, shortcut = TRUE, warn = FALSE
  ), "cv")))
  record(paste(kernel, "risk"), bquote(relrisk(
    marked, 1520, kernel = .(k), scalekernel = TRUE, at = "points", relative = TRUE, weights = persons, edge = FALSE,
    leaveoneout = FALSE
  )))
}
# In a rectangle spatstat has the Gaussian's mass in closed form.
record("box mass", quote(density.ppp(boxed, 1520, edge = TRUE, at = "points", leaveoneout = FALSE, spill = TRUE)$edg))
for (correction in c("uniform", "diggle")) {
  diggle <- correction == "diggle"
  record(paste("box", correction, "points"), bquote(density.ppp(
    boxed, 1520, weights = w, edge = TRUE, diggle = .(diggle), at = "points", leaveoneout = FALSE
  )))
  record(paste("box", correction, "places"), bquote(densityfun(
    boxed, 1520, weights = w, edge = TRUE, diggle = .(diggle)
  )(places$x, places$y)))
}
# The share of a disc inside the polygon, by cutting one polygon with another of 16384 corners.
record("clipped disc mass", quote(sapply(seq_len(npoints(places)), function(i) {
  round <- disc(3040, c(places$x[i], places$y[i]), npoly = 16384)
  area.owin(intersect.owin(round, province)) / area.owin(round)
})))

# --- The polygon's edge by pixels of 33 and 11 m ----------------------------------------------------------------------

for (n in c(486, 1458)) {
  for (kernel in names(KERNELS)) {
    k <- KERNELS[[kernel]]
    record(paste(kernel, "mass", n), bquote(second.moment.calc(
      places, 1520, what = "edge", kernel = .(k), scalekernel = TRUE, dimyx = .(n)
    )[places]))
    record(paste(kernel, "uniform", n), bquote(density.ppp(
      centred, 1520, kernel = .(k), scalekernel = TRUE, weights = cw, edge = TRUE, diggle = FALSE, at = "points",
      leaveoneout = FALSE, dimyx = .(n)
    )))
    record(paste(kernel, "diggle", n), bquote(density.ppp(
      centred, 1520, kernel = .(k), scalekernel = TRUE, weights = cw, edge = TRUE, diggle = TRUE, dimyx = .(n)
    )[places]))
  }
  record(paste("risk diggle", n), bquote(relrisk(
    marked, 1520, at = "points", relative = TRUE, weights = persons, edge = TRUE, diggle = TRUE, leaveoneout = FALSE,
    dimyx = .(n)
  )))
  record(paste("sparr risk diggle", n), bquote(risk(
    cases, controls, log = FALSE, h0 = 1520, edge = "diggle", resolution = .(n), verbose = FALSE
  )$rr[places]))
  # What it costs to move points to the centres of pixels.
  record(paste("moved", n), bquote(density.ppp(scattered, 1520, weights = w, edge = FALSE, dimyx = .(n))[places]))
}

# --- The two terms of least-squares cross-validation, on a window that holds all kernels ------------------------------

wide <- ppp(centred$x, centred$y, window = owin(west + c(-side, 2 * side), south + c(-side, 2 * side)))
for (kernel in names(KERNELS)) {
  k <- KERNELS[[kernel]]
  record(paste(kernel, "square"), bquote(sapply(c(760, 1520), function(s) integral(density.ppp(
    wide, s, kernel = .(k), scalekernel = TRUE, edge = FALSE, dimyx = 1458
  )^2))))
  record(paste(kernel, "left out"), bquote(sapply(c(760, 1520), function(s) mean(density.ppp(
    wide, s, kernel = .(k), scalekernel = TRUE, edge = FALSE, at = "points", leaveoneout = TRUE
  )))))
}

# --- sparr's adaptive bandwidths. A uniform correction is summed over all pairs of pixels there: no more than 162
# a side. No bandwidth is wider than trim * h0 in sparr, and than five medians of the points' in ours; so the trim is
# chosen to say that. ------------------------------------------------------------------------------------------------

adaptive <- function(pattern, edge, n) {
  call <- bquote(bivariate.density(
    .(as.name(pattern)), h0 = 1520, adapt = TRUE, resolution = .(n), edge = .(edge), trim = 1000, intensity = TRUE,
    verbose = FALSE
  ))
  call$trim <- 5 * median(eval(call)$h) / 1520
  list(call = call, fit = eval(call))
}
RESOLUTIONS <- list(none = 162, uniform = c(54, 162), diggle = c(162, 486))
for (edge in names(RESOLUTIONS)) {
  for (n in RESOLUTIONS[[edge]]) {
    for (pattern in c("centred", "cases")) {
      a <- adaptive(pattern, edge, n)
      name <- paste("adaptive", edge, pattern)
      record(paste(name, "h", n), bquote(.(a$call)$h), a$fit$h)
      record(paste(name, "him", n), bquote(.(a$call)$him[places]), a$fit$him[places])
      record(paste(name, "z", n), bquote(.(a$call)$z[places]), a$fit$z[places])
      if (edge == "uniform") record(paste(name, "q", n), bquote(.(a$call)$q[places]), a$fit$q[places])
      if (edge == "diggle") record(paste(name, "q", n), bquote(.(a$call)$q), a$fit$q)
    }
    b <- adaptive("controls", edge, n)
    record(
      paste("adaptive", edge, "risk", n), bquote(risk(.(a$call), .(b$call), log = FALSE, verbose = FALSE)$rr[places]),
      risk(a$fit, b$fit, log = FALSE, verbose = FALSE)$rr[places]
    )
  }
}

# --- Written as JSON, every digit -------------------------------------------------------------------------------------

numbers <- function(v) paste0("[", paste(sprintf("%.17g", v), collapse = ", "), "]")
quoted <- function(text) paste0("\"", gsub("\"", "\\\"", text, fixed = TRUE), "\"")
object <- function(items) paste0("{", paste0(quoted(names(items)), ": ", items, collapse = ", "), "}")
lines <- function(items) paste0("{\n", paste0(quoted(names(items)), ": ", items, collapse = ",\n"), "\n}")
points_of <- function(p, ...) object(c(x = numbers(p$x), y = numbers(p$y), ...))
packages <- c("spatstat.geom", "spatstat.explore", "sparr")
versions <- sapply(packages, function(name) quoted(as.character(packageVersion(name))))
writeLines(lines(c(
  made_by = quoted("tests/geo/density/r_reference.R"),
  data = quoted("simulated, from formulas"),
  versions = object(c(R = quoted(R.version.string), versions)),
  province = object(c(outer = points_of(outer_ring), hole = points_of(hole))),
  box = numbers(c(box$xrange, box$yrange)),
  scattered = points_of(scattered, weights = numbers(w)),
  centred = points_of(centred, weights = numbers(cw), case = numbers(case), persons = numbers(persons)),
  places = points_of(places),
  triweight = quoted(paste(deparse(triweight, width.cutoff = 500L), collapse = " ")),
  values = lines(sapply(recorded, function(r) object(c(call = quoted(r$call), values = numbers(r$values)))))
)), "tests/geo/density/r_reference.json")
