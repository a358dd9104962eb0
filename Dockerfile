# All that the rules need, from the lock file: docker build -t tagasc . ; for Apptainer: apptainer build tagasc.sif
# docker-daemon://tagasc:latest, then snakemake --sdm apptainer --container-image tagasc.sif
FROM python:3.11-slim
WORKDIR /opt/tagasc
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir -r requirements.lock
COPY src ./src
RUN pip install --no-cache-dir --no-deps .
