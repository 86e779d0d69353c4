# Greycloak: `make run` shows it, `make test` proves it. Both install what is missing; both are safe to repeat.
#
#   make run PORT=8043 DICOM_PORT=4243    other ports (without: the first free ones from 8042 and 4242)
#   make test-docker                      the container images, built and run for real
#   make test-scale                       shards on a real Spark
#   make bench                            speed beside other tools (not part of the tests)
#   make mutants                          100,000 damaged objects: no crash, no hang, no name taken along
#   make bench-planted                    identities planted in real objects, beside other tools, into docs/benchmarks.md
#   make test-scene                       the check of loaded scenes with Slicer's real MRML (200 MB of packages)
#   make samples                          what becomes of public samples (into docs/quarantine.md)
#   make dist sbom                        wheel, source distribution and bill of materials, in dist/
#   make man                              the man page, from --help (docs/greycloak.1)
#   make licences                         whether all that Greycloak needs may go with it

PORT ?= auto
DICOM_PORT ?= auto
PYTEST_ARGS ?= -n auto --dist loadscope
MUTANTS ?= 100000
SEED ?= 1

.PHONY: man test-scale run mutants test test-scene lint bench bench-planted standard clean test-docker samples dist sbom licences

run:
	@tools/setup.sh run
	@.venv/bin/python tools/run.py --port $(PORT) --dicom-port $(DICOM_PORT)

test: lint
	.venv/bin/pytest $(PYTEST_ARGS)

# Apart from the other tests: it makes images (some minutes the first time, cached in .run/docker), and wants root.
test-docker:
	@tools/setup.sh docker
	.venv/bin/pytest -o timeout=1800 tests/docker

# A real Spark: 400 MB of packages, and Debian's JRE.
test-scale:
	@tools/setup.sh scale
	.venv/bin/pytest tests/scale

lint:
	@tools/setup.sh test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

test-scene:
	@tools/setup.sh test
	python3 -m venv .run/slicer-core
	.run/slicer-core/bin/pip install --quiet pytest slicer-core
	.run/slicer-core/bin/python -m pytest -q -c /dev/null tests/slicer_core

bench:
	@tools/setup.sh bench
	.venv/bin/python tests/benchmarks/bench.py
	.venv/bin/python tests/benchmarks/store_bench.py
	.venv/bin/python tests/benchmarks/batch_bench.py
	.venv/bin/python tests/benchmarks/slicer_bench.py
	.venv/bin/python tests/benchmarks/pixels_bench.py
	PYTHONPATH=tests:tests/orthanc .venv/bin/python tests/benchmarks/ingest_bench.py

# Others get an environment of their own: they must neither see Greycloak nor decide about its dependencies.
bench-planted:
	@tools/setup.sh bench
	python3 -m venv .run/rivals
	.run/rivals/bin/pip install --quiet deid dicognito dicom-anonymizer
	.venv/bin/python tests/benchmarks/planted_bench.py --rivals .run/rivals --publish docs/benchmarks.md

mutants:
	@tools/setup.sh test
	.venv/bin/python tests/benchmarks/mutants.py --count $(MUTANTS) --seed $(SEED)

SAMPLES ?=

# SAMPLES="--also NAME=FOLDER" takes in what was fetched for reading.
samples:
	@tools/setup.sh test
	.venv/bin/python -m venv .run/samples/venv
	.run/samples/venv/bin/pip install --quiet --no-deps pydicom pydicom-data nibabel pynetdicom deid
	.venv/bin/python tests/benchmarks/samples.py $(SAMPLES)

dist:
	@tools/setup.sh test
	rm -rf dist
	.venv/bin/python -m build --no-isolation --outdir dist .

sbom: dist
	.venv/bin/python tools/sbom.py dist/greycloak-*.whl dist/greycloak.cdx.json

licences:
	@tools/setup.sh test
	.venv/bin/pytest tests/packaging/test_licences.py

standard:
	@tools/setup.sh test
	.venv/bin/python tools/make_standard.py ../shared/standard

man:
	@tools/setup.sh test
	.venv/bin/python tools/make_man.py

clean:
	rm -rf .venv .run dist
