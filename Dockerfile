# The image of khotin's workers, its commands, and Prefect's server.
FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.11.14-slim-bookworm AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
WORKDIR /build
# The date in pyproject.toml pins what is resolved; hashes make sure that it is what arrives.
COPY pyproject.toml ./
RUN uv pip compile --quiet --generate-hashes --output-file requirements.txt pyproject.toml \
 && uv venv /opt/khotin \
 && VIRTUAL_ENV=/opt/khotin uv pip install --no-cache --require-hashes --requirement requirements.txt
COPY LICENSE README.md ./
COPY cli cli
COPY config config
COPY demo demo
COPY flows flows
COPY models models
COPY pipeline pipeline
RUN VIRTUAL_ENV=/opt/khotin uv pip install --no-cache --no-deps .

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 khotin \
 && useradd --uid 10001 --gid khotin --home-dir /var/lib/khotin --no-create-home --shell /usr/sbin/nologin khotin \
 && install --directory --owner=khotin --group=khotin /var/lib/khotin /var/lib/prefect
COPY --from=build /opt/khotin /opt/khotin
ENV PATH=/opt/khotin/bin:$PATH PYTHONUNBUFFERED=1 KHOTIN_DATA_DIR=/var/lib/khotin
USER 10001:10001
WORKDIR /var/lib/khotin
VOLUME ["/var/lib/khotin", "/var/lib/prefect"]
CMD ["khotin", "--help"]
