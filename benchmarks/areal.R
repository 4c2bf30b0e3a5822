# Writes the districts and the yearly cases of invasive meningococcal disease in Germany, 2002 to 2008, which the R package
# surveillance ships: Rscript areal.R FOLDER. Prints the package's version, or "missing".

folder <- commandArgs(trailingOnly = TRUE)[1]
if (!suppressWarnings(suppressMessages(requireNamespace("surveillance", quietly = TRUE)))) {
  cat("missing surveillance\n")
  quit(status = 0)
}
suppressWarnings(suppressMessages(library(surveillance)))
data("imdepi")
load(system.file("shapes", "districtsD.RData", package = "surveillance"))

cases <- data.frame(unit = as.character(imdepi$events$tile), year = 2002 + floor(imdepi$events$time / 365.25))
write.csv(cases, file.path(folder, "cases.csv"), row.names = FALSE)
people <- data.frame(unit = row.names(districtsD), people = districtsD$POPULATION)
write.csv(people, file.path(folder, "people.csv"), row.names = FALSE)
rings <- do.call(rbind, lapply(districtsD@polygons, function(district) {
  do.call(rbind, lapply(seq_along(district@Polygons), function(i) {
    ring <- district@Polygons[[i]]
    data.frame(unit = district@ID, ring = i, hole = ring@hole, x = ring@coords[, 1], y = ring@coords[, 2])
  }))
}))
write.csv(rings, file.path(folder, "rings.csv"), row.names = FALSE)
cat("surveillance", as.character(packageVersion("surveillance")), "\n")
