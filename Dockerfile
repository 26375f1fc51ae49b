# One image for every service of MVidarr. Built in two stages, so that no compiler is shipped.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements-uv.txt requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements-uv.txt \
    && .venv/bin/uv pip sync --no-cache --python .venv/bin/python --require-hashes --compile-bytecode requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY fastapi_app fastapi_app
COPY migration_flags migration_flags
COPY router router
COPY legacy_flask legacy_flask
RUN .venv/bin/uv pip install --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q fastapi_app migration_flags router legacy_flask

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg tini \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
COPY deploy/entrypoint /usr/local/bin/mvidarr-entrypoint
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MVIDARR_APP=legacy_flask.asgi:app \
    MVIDARR_DATA_DIR=/app/data \
    MVIDARR_HOST=0.0.0.0
VOLUME /app/data
EXPOSE 5000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('MVIDARR_PORT', '5000') + '/readyz', timeout=4)"]
ENTRYPOINT ["tini", "--", "mvidarr-entrypoint"]
CMD ["mvidarr", "up"]
