/** What a download asks for, as clients write it: in headers, or in a query that may be put together wrongly. */
export interface DownloadWish {
  readonly secret: string | undefined;
  readonly variant: 'file' | 'thumbnail' | 'frame';
}

const SECRET_MOST = 256;

/** @param url of the request. SDKs add `?em-redirect=true&share-secret=…` to a path that may have a query already. */
export function readDownload(url: string, headers: Readonly<Record<string, string | string[] | undefined>>): DownloadWish {
  const query = new URLSearchParams(url.split('?').slice(1).join('&'));
  const secret = [headers['share-secret']].flat()[0] || query.get('share-secret') || undefined;
  const asks = (name: string) => [headers[name]].flat()[0] === 'true' || query.get(name) === 'true';
  return {
    secret: secret?.slice(0, SECRET_MOST),
    variant: asks('vframe') ? 'frame' : asks('thumbnail') ? 'thumbnail' : 'file',
  };
}
