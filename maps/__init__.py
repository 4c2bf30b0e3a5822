"""What leaves the program: the map, the tables, the GIS files, and the one gate they pass. Imports from geo only."""
