/** Version of the code, as in package.json: runs carry it, and the user agent names it. */
export const RAIZ_VERSION = '0.1.0';
