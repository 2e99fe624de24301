// Starts an OpenID Connect provider on loopback, whose people are made up as they sign in. Prints one line of JSON when
// it answers; stops when its standard input closes, and so never outlives the tests.
//
// usage: node start.mjs PORT REDIRECT_URI CLIENT_SECRET
//
// A login is an e-mail address, and the person's subject. "name@host#2" is another person with the same address;
// "unverified-..." is one whose address nobody has verified; of "slim-..." the address stands at the user-info endpoint only.
import Provider from "oidc-provider"

const [port, redirect, secret] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const shared = { redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"] }

// Its warnings about its own development keys and forms are no news here.
console.info = console.warn = () => {}

const provider = new Provider(issuer, {
  clients: [
    { ...shared, client_id: "focusweek", client_secret: secret },
    { ...shared, client_id: "focusweek-post", client_secret: secret, token_endpoint_auth_method: "client_secret_post" },
    { ...shared, client_id: "focusweek-public", token_endpoint_auth_method: "none" },
    { ...shared, client_id: "another", client_secret: secret },
  ],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  ttl: { IdToken: 60, AuthorizationCode: 60 },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: (use) => {
      if (use === "id_token" && login.startsWith("slim-")) return { sub: login }
      return {
        sub: login,
        email: login.split("#")[0],
        email_verified: !login.startsWith("unverified-"),
        name: "Somebody of the agency",
      }
    },
  }),
})

const server = provider.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify({ issuer })))
process.stdin.on("end", () => server.close(() => process.exit(0)) && process.exit(0))
process.stdin.resume()
