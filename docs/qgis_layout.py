"""Draw a QGIS project with its legend; run by the system's Python, which has QGIS.

``python3 qgis_layout.py FILE.qgs PICTURE.png``
"""

import os
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateTransform,
    QgsLayoutExporter,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
)

MILLIMETRES = (240, 170)
MAP_WIDTH = 145
DPI = 110


def main(source, picture):
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    project.read(source)
    nodes = [node for node in project.layerTreeRoot().findLayers() if node.isVisible()]
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(*MILLIMETRES))
    page = QgsLayoutItemMap(layout)
    layout.addLayoutItem(page)
    page.attemptResize(QgsLayoutSize(MAP_WIDTH, MILLIMETRES[1]))
    page.setLayers([node.layer() for node in nodes])
    page.setCrs(project.crs())
    communes = nodes[-1].layer()
    to_map = QgsCoordinateTransform(communes.crs(), project.crs(), project)
    page.zoomToExtent(to_map.transformBoundingBox(communes.extent()))
    legend = QgsLayoutItemLegend(layout)
    legend.setAutoUpdateModel(False)
    hidden = [node for node in legend.model().rootGroup().findLayers() if not node.isVisible()]
    for node in hidden:
        node.parent().removeChildNode(node)
    for style in range(7):
        legend.rstyle(style).setFont(smaller(legend.rstyle(style).font()))
    legend.setWrapString(" / ")
    legend.adjustBoxSize()
    legend.attemptMove(QgsLayoutPoint(MAP_WIDTH, 4))
    layout.addLayoutItem(legend)
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = DPI
    QgsLayoutExporter(layout).exportToImage(picture, settings)
    # QGIS is slow to take itself down, and crashes when Python frees its layers first.
    os._exit(0)


def smaller(font):
    font.setPointSizeF(min(font.pointSizeF(), 8))
    return font


main(sys.argv[1], sys.argv[2])
