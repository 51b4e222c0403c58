// Redirects: `fetch` itself follows them, never its wrapper.

import { call, type Env, type Row, streamOf } from "../row.ts";

const to = (env: Env, code: number, path = "echo", at: "origin" | "second" | "other" = "origin") =>
  env.url(`redirect?code=${code}&to=${encodeURIComponent(env.url(path, at))}`);

const CODES = [301, 302, 303, 307, 308];

export const REDIRECTS: readonly Row[] = [
  ...CODES.map((code) => call(`follows a ${code}`, (env) => [to(env, code)])),
  ...CODES.map((code) =>
    call(`follows a ${code} after a POST`, (env) => [to(env, code), { method: "POST", body: "a text" }]),
  ),
  ...[302, 307].map((code) =>
    call(`follows a ${code} after a PUT`, (env) => [to(env, code), { method: "PUT", body: new Blob(["blob"]) }]),
  ),
  call("follows a 307 after a form", (env) => {
    const body = new FormData();
    body.append("a", "1");
    return [to(env, 307), { method: "POST", body }];
  }),
  call("follows a 307 after a Request with a body", (env) => [
    new Request(to(env, 307), { method: "POST", body: "a text", headers: { "X-A": "1" } }),
  ]),
  call(
    "follows or rejects a 307 after a stream",
    (env) => [to(env, 307), { method: "POST", body: streamOf(["a"]), duplex: "half" }],
    { mayBeRejected: true },
  ),
  call(
    "follows a 303 after a stream",
    (env) => [to(env, 303), { method: "POST", body: streamOf(["a"]), duplex: "half" }],
    { mayBeRejected: true },
  ),
  ...["manual", "error", "follow"].flatMap((redirect) => [
    call(`obeys redirect: ${redirect}`, (env) => [to(env, 302), { redirect }]),
    call(`obeys redirect: ${redirect} of a Request`, (env) => [
      new Request(to(env, 302), { redirect: redirect as RequestRedirect }),
    ]),
    call(`obeys redirect: ${redirect} if there is no redirect`, (env) => [env.url("echo"), { redirect }]),
  ]),
  call("follows a redirect to another of our origins", (env) => [to(env, 302, "echo", "second")], {
    mayLackToken: true,
  }),
  call("follows a redirect to a foreign origin", (env) => [
    to(env, 307, "echo", "other"),
    { method: "POST", body: "a", headers: { "X-A": "1" } },
  ]),
  call(
    "follows redirects to a foreign origin and back",
    (env) => [
      env.url(
        `redirect?to=${encodeURIComponent(env.url(`redirect?to=${encodeURIComponent(env.url("echo"))}`, "other"))}`,
      ),
    ],
    { mayLackToken: true },
  ),
  call(
    "follows a redirect from a foreign origin to ours",
    (env) => [env.url(`redirect?to=${encodeURIComponent(env.url("echo"))}`, "other")],
    { mayLackToken: true },
  ),
  call("follows a relative redirect", (env) => [env.url("redirect?to=echo%3Frelative")]),
  call("keeps the fragment of the first URL over a redirect", (env) => [`${to(env, 302)}#part`]),
  call("prefers the fragment of a redirect", (env) => [`${to(env, 302, "echo#new")}#old`]),
  call("resolves with a redirect that has no Location", (env) => [env.url("redirect?code=302")]),
  call("rejects a redirect to a URL that cannot be parsed", (env) => [env.url("redirect?to=http%3A%2F%2F")]),
  call("rejects a redirect to data:", (env) => [env.url("redirect?to=data%3A%2Ca")]),
  call("rejects a redirect to a URL with credentials, or follows it", (env) => [
    env.url(`redirect?to=${encodeURIComponent(env.url("echo", "other").replace("//", "//u:p@"))}`),
  ]),
  call("rejects a loop of redirects", (env) => [env.url("loop")], { isUnseen: true }),
  call("resolves with a 300", (env) => [env.url("status?code=300")]),
  call("follows a redirect of a HEAD", (env) => [to(env, 302), { method: "HEAD" }]),
  call("follows a redirect to a status of 404", (env) => [to(env, 302, "status?code=404")]),
  call("returns a 401 after a redirect to a foreign origin", (env) => [to(env, 302, "challenge", "other")]),
];
