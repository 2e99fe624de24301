# One process that serves the API and publishes, on SQLite in /data.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/run.lock requirements/run.lock
RUN python -m venv /opt/focusweek && /opt/focusweek/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md ./
COPY app app
COPY seeds seeds
COPY migrations migrations
RUN /opt/focusweek/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home focusweek && install -d -o focusweek -g focusweek -m 0700 /data
COPY --from=build /opt/focusweek /opt/focusweek
ENV PATH=/opt/focusweek/bin:$PATH FOCUSWEEK_DATA_DIR=/data FOCUSWEEK_HOST=0.0.0.0 PYTHONUNBUFFERED=1
USER focusweek
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('FOCUSWEEK_PORT', '8000')}/healthz\", timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["focusweek", "serve"]
