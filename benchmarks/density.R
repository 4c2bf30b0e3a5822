# Times one call of R's kernel densities: Rscript density.R CALL WORK_DIRECTORY ROWS COLS SIGMA REPEATS
# The directory holds points.bin, float64: west, east, south, north, all eastings, all northings.
# Writes surface.bin (events per unit area, north up, row by row); prints the versions, and then a line of seconds.

arguments <- commandArgs(trailingOnly = TRUE)
call <- arguments[1]
directory <- arguments[2]
rows <- as.integer(arguments[3])
cols <- as.integer(arguments[4])
sigma <- as.numeric(arguments[5])
repeats <- as.integer(arguments[6])

package <- if (call == "fixed") "spatstat.explore" else "sparr"
if (!suppressWarnings(suppressMessages(requireNamespace(package, quietly = TRUE)))) {
  cat("missing", package, "\n")
  quit(status = 0)
}
suppressWarnings(suppressMessages(library(package, character.only = TRUE)))

path <- file.path(directory, "points.bin")
values <- readBin(path, "double", n = file.size(path) / 8)
n <- (length(values) - 4) / 2
window <- spatstat.geom::owin(values[1:2], values[3:4])
events <- spatstat.geom::ppp(values[4 + 1:n], values[4 + n + 1:n], window = window, check = FALSE)

draw <- switch(call,
  fixed = function() spatstat.explore::density.ppp(events, sigma = sigma, edge = FALSE, dimyx = c(rows, cols)),
  adaptive = function() sparr::bivariate.density(
    events, h0 = sigma, adapt = TRUE, edge = "none", resolution = rows, intensity = TRUE, verbose = FALSE
  )$z,
  partitioned = function() sparr::bivariate.density(
    events, h0 = sigma, adapt = TRUE, edge = "none", resolution = rows, intensity = TRUE, verbose = FALSE,
    davies.baddeley = 0.05
  )$z
)
seconds <- numeric(repeats)
for (k in seq_len(repeats)) seconds[k] <- system.time(surface <- draw())[["elapsed"]]
fast <- if (requireNamespace("fftwtools", quietly = TRUE)) "with" else "without"
cat(paste0("R ", getRversion(), ", ", package, " ", packageVersion(package), ", ", fast, " fftwtools\n"))
cat(seconds, "\n")
image <- as.matrix(surface)
writeBin(as.vector(t(image[nrow(image):1, ])), file.path(directory, "surface.bin"))
