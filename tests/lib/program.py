# SPDX-License-Identifier: GPL-2.0-only
"""Programs of the tests that are not named like modules, for others that build on them."""
import importlib.machinery
import importlib.util
import os

from . import cache


def load(path):
    """Import a program by its path from the top of the tree; return the module."""
    loader = importlib.machinery.SourceFileLoader(os.path.basename(path).replace("-", "_"), os.path.join(cache.TOP, path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module
