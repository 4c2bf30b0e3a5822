"""Run by the system's Python, which has QGIS: what QGIS makes of a GeoPackage, as JSON, and a picture of it.

``python3 look.py FILE.gpkg PICTURE.png LAYER…``: layers from the lowest; ``raster:TABLE`` is a raster of the file.
``python3 look.py FILE.qgs PICTURE.png``: the layers of a project, from the top.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

METRIC = "EPSG:9205"


def main(path, picture, names):
    app = QgsApplication([], False)
    app.initQgis()
    if path.endswith(".qgs"):
        finish(project(path, picture))
    found, layers = {}, []
    for name in names:
        if name.startswith("raster:"):
            name = name.removeprefix("raster:")
            layer = QgsRasterLayer(f"GPKG:{path}:{name}", name)
            found[name] = raster(layer)
        else:
            layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
            found[name] = vector(layer)
        layers.append(layer)
    draw(layers, picture)
    finish(found)


def finish(found):
    print(json.dumps(found))
    sys.stdout.flush()
    # QGIS is slow to take itself down, and crashes when Python frees its layers first.
    os._exit(0)


def project(path, picture):
    held = QgsProject.instance()
    read = held.read(path)
    nodes = held.layerTreeRoot().findLayers()
    draw([node.layer() for node in nodes if node.isVisible()][::-1], picture)
    return {
        "read": read,
        "title": held.title(),
        "crs": held.crs().authid(),
        "groups": [group.name() for group in held.layerTreeRoot().findGroups()],
        "layers": [
            {
                "name": node.name(),
                "valid": node.layer().isValid(),
                "visible": node.isVisible(),
                "renderer": node.layer().renderer().type(),
                "labels": bool(getattr(node.layer(), "labelsEnabled", bool)()),
                "source": node.layer().source(),
            }
            for node in nodes
        ],
    }


def vector(layer):
    _, style_from_database = layer.loadDefaultStyle()
    renderer, label = layer.renderer(), layer.labeling()
    return {
        "valid": layer.isValid(),
        "style_from_database": style_from_database,
        "features": layer.featureCount(),
        "renderer": renderer.type(),
        "rules": [rule(child) for child in renderer.rootRule().children()] if renderer.type() == "RuleRenderer" else [],
        "drawn": drawn(layer),
        "label": label.settings().fieldName if label and layer.labelsEnabled() else None,
        "label_is_expression": bool(label and label.settings().isExpression),
        "aliases": {field.name(): field.alias() for field in layer.fields()},
    }


def rule(child):
    symbol = child.symbol()
    return {
        "label": child.label(),
        "filter": child.filterExpression(),
        "colour": symbol.color().name(),
        "top_colour": symbol.symbolLayers()[-1].color().name(),
        "layers": [part.layerType() for part in symbol.symbolLayers()],
        "width": symbol.width() if hasattr(symbol, "width") else None,
    }


def drawn(layer):
    """Return how many features each rule draws."""
    renderer, context = layer.renderer().clone(), QgsRenderContext()
    context.expressionContext().appendScopes([])
    renderer.startRender(context, layer.fields())
    counts = {}
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        for symbol in renderer.legendKeysForFeature(feature, context):
            counts[symbol] = counts.get(symbol, 0) + 1
    renderer.stopRender(context)
    return counts


def raster(layer):
    renderer = layer.renderer()
    items = renderer.shader().rasterShaderFunction().colorRampItemList() if hasattr(renderer, "shader") else []
    return {
        "valid": layer.isValid(),
        "renderer": renderer.type(),
        "classes": [[item.value if item.value < 1e300 else None, item.color.name(), item.label] for item in items],
        "nodata": layer.dataProvider().sourceNoDataValue(1),
    }


def draw(layers, picture):
    crs = QgsCoordinateReferenceSystem(METRIC)
    settings = QgsMapSettings()
    settings.setLayers(layers[::-1])
    settings.setDestinationCrs(crs)
    settings.setOutputSize(QSize(1200, 1200))
    settings.setOutputDpi(110)
    box = QgsCoordinateTransform(layers[0].crs(), crs, QgsProject.instance()).transformBoundingBox(layers[0].extent())
    box.scale(1.05)
    settings.setExtent(box)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
