/**
 * CPace's vectors, `cpace.json`: those of draft-irtf-cfrg-cpace-21, appendix B.3, as it prints them, and further ones that
 * libsodium has computed (capture-ristretto.ts).
 */
import { readFileSync } from 'node:fs';
import { writePage } from './page.ts';

const neutral = '00'.repeat(32);

writePage('cpace', {
  draft: {
    prs: '50617373776f7264',
    ci: '0b415f696e69746961746f720b425f726573706f6e646572',
    sid: '7e4b4791d6a8ef019b936c79fb7f2c57',
    generatorString:
      '11435061636552697374726574746f3235350850617373776f726464' +
      '00'.repeat(100) +
      '180b415f696e69746961746f720b425f726573706f6e646572107e4b4791d6a8ef019b936c79fb7f2c57',
    generator: '222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56',
    ya: 'da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08',
    ada: '414461',
    shareA: 'd6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157',
    yb: 'd2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d',
    adb: '414462',
    shareB: '3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258',
    k: '80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f',
    isk:
      'b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd' +
      '2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447',
    scalarMult: {
      s: '7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05',
      x: '2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c',
      result: '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e',
    },
    invalidShares: ['2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c', neutral],
  },
  libsodium: JSON.parse(readFileSync(new URL('fixtures/ristretto.json', import.meta.url), 'utf8')) as unknown,
});
