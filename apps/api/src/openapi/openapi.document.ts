import { rateCatalogue, type RateName, windowSeconds } from '@parley/app-settings';
import { catalogue, type ErrorCode } from '@parley/errors';
import { z } from 'zod';
import { type Operation, operations } from '../http/operation.js';
import { isAdministration, isHeld, ratesOfOperation } from '../rates/rate.rules.js';

const WITH_APP: readonly ErrorCode[] = ['organization_application_not_found', 'app_suspended', 'internal', 'unavailable'];
const WITH_BODY: readonly ErrorCode[] = ['json_parse', 'illegal_argument', 'payload_too_large', 'unsupported_media_type'];
const WITH_TOKEN: readonly ErrorCode[] = ['unauthorized', 'token_missing', 'token_expired', 'token_corrupt', 'token_not_issued_here'];
const WITH_ADMIN: readonly ErrorCode[] = ['admin_not_found', 'admin_forbidden', 'internal', 'unavailable'];
const RATED: readonly ErrorCode[] = ['rate_limited'];
const MESSAGES_RATED: readonly ErrorCode[] = ['msync_traffic_limit'];
const ENVELOPE = { $ref: '#/components/schemas/Envelope' };

/** The OpenAPI 3.1 document, made from the operations and the schemas that validate them. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations()) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley platform API',
      version: '0.1.0',
      description: 'Compatible with the REST API of Easemob IM and Agora Chat. User ids are case-insensitive.',
    },
    paths,
    components: {
      securitySchemes: {
        appToken: { type: 'http', scheme: 'bearer', description: 'From POST token with client_credentials' },
        adminToken: {
          type: 'oauth2',
          description: 'Of an administrator; what he may do follows from his role (docs/permissions.md)',
          flows: {
            authorizationCode: { authorizationUrl: '/oauth/authorize', tokenUrl: '/oauth/token', refreshUrl: '/oauth/token', scopes: {} },
            clientCredentials: { tokenUrl: '/oauth/token', scopes: {} },
          },
        },
        userToken: { type: 'http', scheme: 'bearer', description: 'From POST token with password or inherit' },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error', 'error_description', 'exception', 'timestamp', 'duration'],
          properties: {
            error: { type: 'string' },
            error_description: { type: 'string' },
            exception: { type: 'string' },
            timestamp: { type: 'integer' },
            duration: { type: 'integer' },
            error_code: { type: 'integer' },
          },
        },
        Envelope: {
          type: 'object',
          required: ['action', 'application', 'applicationName', 'organization', 'path', 'uri', 'timestamp', 'duration'],
          properties: {
            action: { type: 'string' },
            application: { type: 'string', format: 'uuid' },
            applicationName: { type: 'string' },
            organization: { type: 'string' },
            path: { type: 'string' },
            uri: { type: 'string' },
            entities: { type: 'array', items: { type: 'object' } },
            data: {},
            count: { type: 'integer' },
            cursor: { type: 'string' },
            params: { type: 'object' },
            timestamp: { type: 'integer' },
            duration: { type: 'integer' },
          },
        },
      },
    },
  };
}

/** The rate with its default; the app's settings of the same name may say otherwise. */
function rateOf(name: RateName) {
  const { most, window, counts } = rateCatalogue[name];
  return { setting: name, limit: most, windowSeconds: windowSeconds[window], counts };
}

function describe(operation: Operation): Record<string, unknown> {
  const security = [
    ...(operation.admin === undefined ? [] : [{ adminToken: [] }]),
    ...(operation.access.includes('app') || operation.access.includes('open') ? [{ appToken: [] }] : []),
    ...(operation.access.includes('self') || operation.access.includes('user') ? [{ userToken: [] }] : []),
    ...(operation.access.includes('open') || operation.access.includes('public') ? [{}] : []),
  ];
  const names = [...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  const query = operation.query ? (jsonSchema(operation.query, 'input')['properties'] as Record<string, unknown>) : {};
  const answer = jsonSchema(operation.answer, 'output');
  return {
    operationId: operationId(operation),
    summary: operation.summary,
    'x-access': operation.access,
    ...(operation.admin === undefined || operation.admin === 'self' ? {} : { 'x-parley-permission': operation.admin }),
    ...(isHeld(operation) ? { 'x-rates': ratesOfOperation(operation).map(rateOf) } : {}),
    security,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
      ...Object.entries(operation.headers ?? {}).map(([name, description]) => {
        return { name, in: 'header', required: false, description, schema: { type: 'string' } };
      }),
    ],
    ...(operation.body ? { requestBody: { required: true, content: { [operation.form ? 'application/x-www-form-urlencoded' : 'application/json']: { schema: jsonSchema(operation.body, 'input') } } } } : {}),
    ...(operation.upload ? { requestBody: { required: true, content: { 'multipart/form-data': { schema: jsonSchema(operation.upload, 'input') } } } } : {}),
    responses: {
      200: {
        description: 'Done',
        content: { [operation.mediaType ?? 'application/json']: { schema: operation.bare || operation.reduced ? answer : { allOf: [ENVELOPE, answer] } } },
      },
      ...errorResponses(operation),
    },
  };
}

function errorResponses(operation: Operation): Record<string, unknown> {
  const needsToken = operation.admin === undefined && !operation.access.includes('public') && !operation.access.includes('open');
  const codes = new Set([
    ...(operation.admin === undefined ? [] : [...WITH_TOKEN, ...WITH_ADMIN]),
    ...(operation.root ? [] : WITH_APP),
    ...(operation.body ? WITH_BODY : []),
    ...(needsToken ? (operation.refusal ? [operation.refusal] : WITH_TOKEN) : []),
    ...(isHeld(operation) || isAdministration(operation) ? RATED : []),
    ...(isHeld(operation) && ratesOfOperation(operation).some((name) => rateCatalogue[name].counts === 'messages') ? MESSAGES_RATED : []),
    ...(operation.errors ?? []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(catalogue[code].http, [...(byStatus.get(catalogue[code].http) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `${catalogue[code].error}: ${catalogue[code].description}`).join('\n'),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}

function operationId({ method, path }: Operation): string {
  const words = path.replace('/:org/:app', '').split(/[^a-zA-Z]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}
