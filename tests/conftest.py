def pytest_collection_modifyitems(items):
    """Quick tests first: whoever broke something learns it before the workflows run."""
    items.sort(
        key=lambda item: (item.get_closest_marker("workflow") is not None, item.get_closest_marker("real") is not None)
    )
