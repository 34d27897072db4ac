/** What an empty page says to send. */
const HEADERS = `\\
  -H "Authorization: Bearer $VERSIONER_API_KEY" \\
  -H "Content-Type: application/json"`;

export const SEND_DEPLOYMENT = `curl {url}/deployment-events/ ${HEADERS} \\
  -d '{"product_name":"checkout","version":"1.4.0","environment_name":"staging","status":"success"}'`;
export const SEND_BUILD = `curl {url}/build-events/ ${HEADERS} \\
  -d '{"product_name":"checkout","version":"1.4.0","status":"success","scm_sha":"9f2c1e7a4b"}'`;
