# make check   all that must hold before a change lands
# make docs    the README's generated parts and pictures, from the real output
# make goldens the numbers of the real TensorFlow 1.15.5 (PYTHON37: a Python 3.7 that has it)
# make features the weights of lesson 4.6, by which lesson 9 sees pictures
# make ops     what TensorFlow's ops take and give, from the TensorFlow that is installed
# make symbols what became of the names of TensorFlow 1 (PYTHON37 again)
# make gallery every lesson and model drawn into build/gallery, to be looked at
# make course  the whole course as a site in build/course, and its numbers for the README
# make bench   speed and memory, as ratios measured side by side

PYTHON ?= python
PYTHON37 ?= python3.7

.PHONY: check lint test docs docs-check wheel-check goldens features ops symbols gallery course bench

check: lint test docs-check wheel-check

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest -n auto

docs:
	$(PYTHON) docs/make.py

docs-check:
	$(PYTHON) docs/make.py --check

wheel-check:
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(PYTHON) docs/wheel.py build/wheel/graphlab-*.whl

goldens:
	$(PYTHON37) tests/goldens/make_goldens.py

features:
	$(PYTHON) -m graphlab.course.make_features

ops:
	$(PYTHON) -m graphlab.sources.make_ops

symbols:
	$(PYTHON) -m graphlab.migration.make_symbols $(PYTHON37)

gallery:
	$(PYTHON) docs/gallery.py

course:
	$(PYTHON) -m graphlab course -o build/course
	cp build/course/course.json docs/course.json

bench:
	$(PYTHON) -m benchmarks
