import { Controller, Req } from '@nestjs/common';
import type { registrations } from '@parley/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Operation } from '../../http/operation.js';
import { parse } from '../../http/parse.js';
import { type AdminCall, originOf, TheAdminCall } from '../access/admin-call.js';
import { AdminClients } from '../access/admin-clients.js';
import { displayName, enterpriseId, listOf, organisation, page } from '../admin.schemas.js';
import { toOrganisation, toPage } from '../admin.views.js';

const BASE = { root: true, bare: true, access: [], admin: 'org.create' } as const;
const asked = z.object({
  name: enterpriseId,
  display_name: displayName.optional(),
  owner_login: z.email().max(100).describe('E-mail address of the owner, who signs in with it; it is not checked that he reads it'),
  owner_name: displayName,
  password: z.string().max(256).describe('10 to 128 characters'),
});
const registered = z.object({
  name: z.string(),
  display_name: z.string(),
  owner_login: z.string(),
  state: z.enum(['active', 'waiting']).describe('active: the owner can sign in; waiting: once an operator has approved'),
});
const registration = z.object({
  name: z.string(),
  display_name: z.string(),
  owner_login: z.string(),
  owner_name: z.string(),
  address: z.string().describe('From where it came'),
  asked_ms: z.int().describe('Milliseconds since 1970'),
});

/** Organisations that register themselves, where the operator's settings let them. */
@Controller()
export class RegistrationsController {
  constructor(private readonly clients: AdminClients) {}

  @Operation('POST', '/admin/v1/registrations', {
    root: true,
    bare: true,
    access: ['public'],
    summary: 'Register an organisation with its owner, where the operator lets anybody',
    body: asked,
    answer: registered,
    errors: [
      'org_registration_closed',
      'org_name_illegal',
      'org_name_reserved',
      'org_name_taken',
      'admin_login_illegal',
      'admin_password_weak',
      'sign_in_throttled',
    ],
  })
  async register(@Req() request: FastifyRequest) {
    const { name, display_name, owner_login, owner_name, password } = parse(asked, request.body);
    const made = await this.clients.registrations.register({
      ...{ name, displayName: display_name ?? '', ownerLogin: owner_login, ownerName: owner_name, password },
      origin: originOf(request),
    });
    const state = made.waitsForApproval ? ('waiting' as const) : ('active' as const);
    return { name: made.name, display_name: made.displayName, owner_login: made.ownerLogin, state };
  }

  @Operation('GET', '/admin/v1/registrations', {
    ...BASE,
    summary: 'Organisations that wait for approval, by name',
    query: page,
    answer: listOf(registration),
  })
  async list(@TheAdminCall() { query }: AdminCall) {
    const { registrations, nextCursor } = await this.clients.registrations.listRegistrations(parse(page, query));
    return toPage(registrations.map(toRegistration), nextCursor);
  }

  @Operation('POST', '/admin/v1/registrations/:registration/approve', {
    ...BASE,
    summary: 'Make the organisation of that name, which waits for it; its owner can sign in',
    answer: organisation,
    errors: ['org_name_taken'],
  })
  async approve(@TheAdminCall() { actor, params }: AdminCall) {
    return toOrganisation(await this.clients.registrations.approveRegistration({ actor, name: params['registration']! }));
  }

  @Operation('DELETE', '/admin/v1/registrations/:registration', {
    ...BASE,
    summary: 'Refuse an organisation that waits; its name is free again',
    answer: registration,
  })
  async refuse(@TheAdminCall() { actor, params }: AdminCall) {
    return toRegistration(await this.clients.registrations.refuseRegistration({ actor, name: params['registration']! }));
  }
}

function toRegistration(one: registrations.Registration): z.input<typeof registration> {
  return {
    ...{ name: one.name, display_name: one.displayName, owner_login: one.ownerLogin, owner_name: one.ownerName },
    ...{ address: one.address, asked_ms: Number(one.askedMs) },
  };
}
