# Everything that the rules need, from the lock file. docs/deploying.md says how to use it.
FROM python:3.11-slim
WORKDIR /opt/tagasc
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir -r requirements.lock
COPY src ./src
RUN pip install --no-cache-dir --no-deps .
