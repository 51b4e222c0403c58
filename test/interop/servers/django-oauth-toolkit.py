# Django OAuth Toolkit, in one file: a client, the token endpoint, and a resource that echoes. It prints its port.
# The package of Debian: python3-django-oauth-toolkit

import os
import sys
import tempfile
import threading

import django
from django.conf import settings

database = tempfile.NamedTemporaryFile(suffix=".sqlite3")
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database.name, "OPTIONS": {"timeout": 20}}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    LOGGING_CONFIG=None,
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": int(os.environ["TOKEN_SECONDS"]),
        "SCOPES": {"read": "Read", "write": "Write"},
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="of no use here: there are no sessions",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.models import Application
from oauth2_provider.oauth2_backends import get_oauthlib_core

call_command("migrate", verbosity=0)
Application.objects.create(
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_type=Application.CLIENT_CONFIDENTIAL,
    authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
)


@csrf_exempt
def echo(request):
    # The toolkit's `protected_resource` does the same, and answers 403 where RFC 6750 wants a 401.
    valid, _ = get_oauthlib_core().verify_request(request, scopes=[])
    if not valid:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return HttpResponse(request.body, content_type="text/plain")


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("echo", echo),
]


class Server(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 1024


class Handler(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


server = Server(("127.0.0.1", 0), Handler)
server.set_app(get_wsgi_application())
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
# It ends with whoever started it.
sys.stdin.read()
