"""What has a place: schemas, intake, communes, border, store, panel, grid, density, raster. Imports nothing of ours."""
