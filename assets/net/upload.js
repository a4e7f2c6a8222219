// Files on their way to the server. Fetched with the first one.
import { ApiError, BASE, headers, sendBy } from './api.js';

/**
 * Sends a file as multipart with its progress (0…1) and a way to cancel. fetch cannot tell how far it is.
 * @param {string} path @param {Blob} blob
 * @param {{ name?: string, onProgress?: (share: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<any>} the answer's data
 */
export const upload = (path, blob, options = {}) => sendBy(() => transfer(path, blob, options));

/** A line that carries nothing for so long is dead, though nobody says so; sooner where there is a new one. */
const SENDING = { silenceMaxMs: 30_000, silenceMs: 5_000 };
/** All of it is out: a proxy may still have to pass on what it took, and the server to look at it. */
const AWAITING = { silenceMaxMs: 600_000, silenceMs: 60_000 };

/** Uploads under way. @type {Set<{ heardAt: number, phase: typeof SENDING, drop: () => void }>} */
const transfers = new Set();

/** Gives up uploads that have been silent: there is another line now. */
export function dropSilent() {
  for (const { heardAt, phase, drop } of transfers) if (Date.now() - heardAt > phase.silenceMs) drop();
}

/**
 * @param {string} path @param {Blob} blob
 * @param {{ name?: string, onProgress?: (share: number) => void, signal?: AbortSignal }} options
 * @returns {Promise<{ status: number, answer: any }>}
 */
function transfer(path, blob, { name, onProgress, signal: cancel }) {
  return new Promise((resolve, reject) => {
    if (cancel?.aborted) return reject(new ApiError('cancelled', 0));
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const own = { heardAt: 0, phase: SENDING, timer: 0, drop: () => { reject(new ApiError('late', 0)); stop(); } };
    const heard = (phase = SENDING) => {
      clearTimeout(own.timer);
      Object.assign(own, { heardAt: Date.now(), phase, timer: setTimeout(own.drop, phase.silenceMaxMs) });
    };
    request.onloadend = () => {
      clearTimeout(own.timer);
      transfers.delete(own);
      cancel?.removeEventListener('abort', stop);
    };
    request.open('POST', BASE + path);
    for (const [header, value] of Object.entries(headers())) request.setRequestHeader(header, value);
    request.upload.onprogress = (event) => { heard(); if (event.lengthComputable) onProgress?.(event.loaded / event.total); };
    request.upload.onload = () => heard(AWAITING);
    request.onerror = () => reject(new ApiError('offline', 0));
    request.onabort = () => reject(new ApiError('cancelled', 0));
    request.onload = () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* not ours: a proxy's page */ }
      resolve({ status: request.status, answer });
    };
    cancel?.addEventListener('abort', stop, { once: true });
    const form = new FormData();
    form.append('file', blob, name ?? (blob instanceof File ? blob.name : 'file'));
    transfers.add(own);
    heard();
    request.send(form);
  });
}
