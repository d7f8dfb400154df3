"""Piccolo's entrance: our engine and our one app."""

from piccolo.conf.apps import AppRegistry

from app.database import DB as DB

APP_REGISTRY = AppRegistry(apps=["app.piccolo_app"])
