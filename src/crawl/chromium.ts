/** Where Chromium is on this machine. */
import {accessSync, constants} from 'node:fs';
import {ConfigError} from '../domain/errors.ts';

/** Usual places, by platform; the first that can be run is taken. */
const USUAL_PATHS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
  ],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
};

const INSTALL =
  'Install Chromium (Debian, Ubuntu: apt install chromium; macOS: brew install --cask chromium; Windows: Chrome) ' +
  'or name its program in RAIZ_CHROMIUM.';

/**
 * Path of the Chromium program to run.
 * @param configured `RAIZ_CHROMIUM`; no other is looked for when it is set.
 * @throws ConfigError when there is none that can be run; the message says what to install.
 */
export function findChromium(
  configured: string | undefined,
  usualPaths: readonly string[] = USUAL_PATHS[process.platform] ?? [],
): string {
  if (configured !== undefined) {
    if (canRun(configured)) return configured;
    throw new ConfigError(`RAIZ_CHROMIUM is ${configured}, which can't be run. ${INSTALL}`);
  }
  const found = usualPaths.find(canRun);
  if (found !== undefined) return found;
  throw new ConfigError(`no Chromium at ${usualPaths.join(', ') || 'any usual place'}. ${INSTALL}`);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not executable: for the caller it is the same
  }
}
