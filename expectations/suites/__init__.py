"""One module a table, named <schema>_<table>, holding its `suite`."""
