"""Which Qt this Krita has: 5 up to Krita 5, 6 from Krita 6. Nothing else knows."""

import krita

if int(krita.Krita.instance().version().split(".")[0]) >= 6:
    from PyQt6 import QtCore, QtGui, QtWidgets

    DOCK_RIGHT = krita.DockWidgetFactoryBase.DockPosition.DockRight
else:
    from PyQt5 import QtCore, QtGui, QtWidgets

    DOCK_RIGHT = krita.DockWidgetFactoryBase.DockRight

__all__ = ["DOCK_RIGHT", "QtCore", "QtGui", "QtWidgets"]
