/**
 * Serves the page without a network. All files of one version lie in one cache; it is filled when this worker is
 * installed, and a worker whose cache is not full is never activated, so it never answers. chester.json comes last into
 * the cache: where it is, all is. The next one goes on where one was interrupted.
 *
 * Every answer carries the headers of `xray_keras.serve`, because hosts of static files may not send them: isolation,
 * without which there are no threads, and the policy that keeps workers from talking to anybody else.
 */

const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const scope = self.registration.scope;
const version = new URL(self.location.href).searchParams.get("version");
// A host may have several pages; each looks after its own caches.
const family = `chester ${scope} `;
const name = family + version;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.href.startsWith(scope) && url.search !== "?newest";
  if (ours) event.respondWith(answer(event.request, url));
});

async function keepAll() {
  const description = await fetched("chester.json", "no-store");
  const { version: found, files } = await description.clone().json();
  if (found !== version) throw new Error(`version ${found} is there, not ${version}`);
  const cache = await caches.open(name);
  for (const [path, bytes] of Object.entries(files)) {
    if (await cache.match(new URL(path, scope))) continue;
    // The page has just loaded most of them: the browser only asks whether they have changed.
    const response = await fetched(path, "no-cache");
    const size = (await response.clone().blob()).size;
    if (size !== bytes) throw new Error(`${path} has ${size} bytes, not ${bytes}`);
    await cache.put(new URL(path, scope), response);
  }
  await cache.put(new URL("chester.json", scope), description);
}

async function takeOver() {
  const others = (await caches.keys()).filter((each) => each.startsWith(family) && each !== name);
  await Promise.all(others.map((each) => caches.delete(each)));
  await self.clients.claim();
}

async function answer(request, url) {
  const path = url.href.slice(scope.length).replace(/[?#].*/s, "") || "index.html";
  const cache = await caches.open(name);
  return (await cache.match(new URL(path, scope))) ?? fetch(request);
}

async function fetched(path, cache) {
  const response = await fetch(new URL(path, scope), { cache, credentials: "omit" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  return new Response(response.body, { headers: { ...HEADERS, "Content-Type": type } });
}
