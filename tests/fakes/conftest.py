from tests.fakes.cuda import fake_gpu  # noqa: F401 - a fixture
