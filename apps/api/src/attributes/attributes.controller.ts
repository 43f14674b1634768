import { Controller, Inject } from '@nestjs/common';
import { foldUsername } from '@parley/kernel';
import { ATTRIBUTE_CLIENT, type AttributeClient } from '../clients.js';
import { type Call, tenantOf, TheCall, usernameOf } from '../http/call.js';
import type { EnvelopeFields } from '../http/envelope.interceptor.js';
import { FormBody } from '../http/form-body.js';
import { Operation, type OperationSpec } from '../http/operation.js';
import { parse } from '../http/parse.js';
import {
  attributesAnswer,
  attributesBody,
  attributesOfManyAnswer,
  attributesQuery,
  capacityAnswer,
  deletedAnswer,
} from './attributes.schemas.js';

const OWN: Pick<OperationSpec, 'access' | 'refusal' | 'reduced'> = { access: ['app', 'self'], refusal: 'metadata_unauthorized', reduced: true };

/** What users tell of themselves: the attribute calls of the platform API ("metadata"). */
@Controller()
export class AttributesController {
  constructor(@Inject(ATTRIBUTE_CLIENT) private readonly attributes: AttributeClient) {}

  @Operation('PUT', '/metadata/user/:username', {
    ...OWN,
    summary: 'Set attributes of a user',
    form: true,
    body: attributesBody,
    answer: attributesAnswer,
    errors: [
      'user_not_found',
      'user_attributes_disabled',
      'user_attributes_too_large',
      'user_attribute_too_long',
      'app_attributes_too_large',
    ],
  })
  async set(@TheCall() call: Call): Promise<EnvelopeFields> {
    const pairs = call.body instanceof FormBody ? call.body.pairs : {};
    const stored = await this.attributes.setAttributes({ tenant: tenantOf(call), username: usernameOf(call), attributes: pairs });
    return { data: stored.attributes };
  }

  @Operation('GET', '/metadata/user/capacity', {
    summary: 'Bytes that the attributes of all users take',
    access: ['app'],
    refusal: 'metadata_capacity_unauthorized',
    reduced: true,
    answer: capacityAnswer,
    errors: ['user_attributes_disabled'],
  })
  async capacity(@TheCall() call: Call): Promise<EnvelopeFields> {
    return { data: Number((await this.attributes.getAttributeCapacity({ tenant: tenantOf(call) })).bytes) };
  }

  @Operation('GET', '/metadata/user/:username', {
    ...OWN,
    summary: 'All attributes of a user; of an unknown one none',
    answer: attributesAnswer,
    errors: ['user_attributes_disabled'],
  })
  async get(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { users } = await this.attributes.getAttributes({ tenant: tenantOf(call), usernames: [usernameOf(call)], keys: [] });
    return { data: users[0]!.attributes };
  }

  @Operation('POST', '/metadata/user/get', {
    ...OWN,
    access: ['app', 'user'],
    summary: 'Some attributes of up to 100 users',
    body: attributesQuery,
    answer: attributesOfManyAnswer,
    errors: ['user_attributes_disabled', 'metadata_batch_too_large'],
  })
  async getMany(@TheCall() call: Call): Promise<EnvelopeFields> {
    const { targets, properties } = parse(attributesQuery, call.body);
    const { users } = await this.attributes.getAttributes({ tenant: tenantOf(call), usernames: targets.map(foldUsername), keys: properties });
    return { data: Object.fromEntries(users.map((one) => [one.username, one.attributes])) };
  }

  @Operation('DELETE', '/metadata/user/:username', {
    ...OWN,
    summary: 'Delete all attributes of a user',
    answer: deletedAnswer,
    errors: ['user_not_found', 'user_attributes_disabled'],
  })
  async delete(@TheCall() call: Call): Promise<EnvelopeFields> {
    await this.attributes.deleteAttributes({ tenant: tenantOf(call), username: usernameOf(call) });
    return { data: true };
  }
}
