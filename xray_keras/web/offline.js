// @ts-check
/**
 * Keep the page for times without a network, and learn of a new version.
 *
 * A service worker's address carries its version, so that a change of any file, which changes the version, brings a
 * new one. The old one goes on serving the old files until the user, or the end of the last tab, lets the new one
 * take over.
 *
 * @param {string} version of the page that runs
 * @param {(state: "preparing" | "ready" | "unavailable") => void} told "ready": from now on no network is needed
 * @param {(take: () => void) => void} renewed a newer version is complete; `take` reloads the page with it
 */
export async function keepOffline(version, told, renewed) {
  if (!("serviceWorker" in navigator)) return told("unavailable");
  try {
    told("preparing");
    const newest = await newestVersion(version);
    const address = `sw.js?version=${encodeURIComponent(newest)}`;
    const registration = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    if (newest === version) {
      // Behind an older one it may have to wait, but then that one serves.
      await reached(worker, registration.active ? ["installed", "activating", "activated"] : ["activated"]);
      return told("ready");
    }
    // What serves the old version has it all already.
    if (registration.active) told("ready");
    await reached(worker, ["installed", "activating", "activated"]);
    told("ready");
    renewed(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
      if (registration.waiting) registration.waiting.postMessage("take over");
      else location.reload();
    });
  } catch (error) {
    console.info("This page is not kept for offline use:", error);
    told("unavailable");
  }
}

/** The version that the server has; without a network, the one that runs. */
async function newestVersion(running) {
  try {
    const response = await fetch("chester.json?newest", { cache: "no-store" });
    return String((await response.json()).version);
  } catch {
    return running;
  }
}

/** @param {ServiceWorker | null} worker @param {string[]} states */
function reached(worker, states) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker && states.includes(worker.state)) resolve(undefined);
      else if (!worker || worker.state === "redundant")
        reject(new Error("its files could not all be fetched"));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
