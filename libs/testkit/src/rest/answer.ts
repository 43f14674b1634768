/** What a test looks into without knowing its form; where it is not as expected, the expectation fails. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a type would repeat in tests what they are to find out
export type Json = any;

export interface RestAnswer {
  status: number;
  headers: Headers;
  /** The JSON document, or the text when it is none. */
  body: Json;
}

export async function answerOf(response: Response): Promise<RestAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
