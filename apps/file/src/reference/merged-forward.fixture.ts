/** Files that the merged forward below names: of an image, a video with its first frame, and a merged forward within it. A text names a fifth, which is no file of its message. */
export const fileOf = (n: number) => `${n}0000000-0000-4000-8000-000000000000`;

/** The file of a merged forward as agora-chat 1.4.0 and easemob-websdk 4.21.1 write it, byte for byte the same. */
export const mergedForward = Buffer.from(
  [
    'Y20AAAC6CAsaHQoJZGVtbyNjaGF0EgNib2IaC2Vhc2Vtb2IuY29tIM/n/LihNCgBMosBCAESBRIDYW5uGgUSA2JvYiJ5CAEyBWEuanBnOkxodHRwczovL2Fw',
    'aS5leGFtcGxlL2RlbW8vY2hhdC9jaGF0ZmlsZXMvMTAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAwQgJzMUgKahIJAAAAAAAACEARAAAAAAAA',
    'EECCAQVhLmpwZzgAAAAA+wgMGh0KCWRlbW8jY2hhdBIDYm9iGgtlYXNlbW9iLmNvbSDQ5/y4oTQoATLMAQgBEgUSA2FubhoFEgNib2IiuQEIAjIFYS5tcDQ6',
    'TGh0dHBzOi8vYXBpLmV4YW1wbGUvZGVtby9jaGF0L2NoYXRmaWxlcy8yMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDBCAnMySApgA3JMaHR0',
    'cHM6Ly9hcGkuZXhhbXBsZS9kZW1vL2NoYXQvY2hhdGZpbGVzLzMwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMHoCczOCAQVhLm1wNDgAAAAA',
    'sQgNGh0KCWRlbW8jY2hhdBIDYm9iGgtlYXNlbW9iLmNvbSDR5/y4oTQoATKCAQgBEgUSA2FubhoFEgNib2IicAgAEgFjMgdjb21iaW5lOkxodHRwczovL2Fw',
    'aS5leGFtcGxlL2RlbW8vY2hhdC9jaGF0ZmlsZXMvNDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAwQgJzNEgKsAEAugEBdMIBAXPIAQE4AAAA',
    'AJQIDhodCglkZW1vI2NoYXQSA2JvYhoLZWFzZW1vYi5jb20g0uf8uKE0KAEyZggBEgUSA2FubhoFEgNib2IiVAgAElBzZWUgaHR0cHM6Ly9hcGkuZXhhbXBs',
    'ZS9kZW1vL2NoYXQvY2hhdGZpbGVzLzUwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMDgAbA==',
  ].join(''),
  'base64',
);
