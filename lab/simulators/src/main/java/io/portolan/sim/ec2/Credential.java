package io.portolan.sim.ec2;

import io.portolan.sim.ec2.model.Ec2Error;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who a request says it is from. The signature is not verified: any key does. Its form and scope
 * are, because a client that signs for the wrong region or service works nowhere else either.
 *
 * @param service {@code ec2}, or {@code sts} for GetCallerIdentity
 */
record Credential(String accessKeyId, String region, String service) {
  private static final Pattern HEADER =
      Pattern.compile(
          "AWS4-HMAC-SHA256 +Credential=([^/, ]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request"
              + ", *SignedHeaders=[^, ]+, *Signature=[0-9a-f]{64}");

  /**
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if the header is missing or malformed
   */
  static Credential parse(@Nullable String header) {
    String text =
        Optional.ofNullable(header)
            .orElseThrow(() ->
                new Ec2Error(
                        "MissingAuthenticationToken",
                        403,
                        "The request must contain either a valid (registered) AWS access key ID"
                            + " or X.509 certificate.")
                    .refusal());
    Matcher matcher = HEADER.matcher(text);
    if (!matcher.matches()) {
      throw new Ec2Error(
              "IncompleteSignature", 403, "The Authorization header is not a valid SigV4 header")
          .refusal();
    }
    return new Credential(matcher.group(1), matcher.group(3), matcher.group(4));
  }

  /**
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if the credential is for something else
   */
  void requireScope(String region, String service) {
    if (!this.region.equals(region) || !this.service.equals(service)) {
      throw new Ec2Error(
              "AuthFailure",
              401,
              "AWS was not able to validate the provided access credentials: the credential is"
                  + " scoped to "
                  + this.region
                  + "/"
                  + this.service
                  + ", this endpoint is "
                  + region
                  + "/"
                  + service)
          .refusal();
    }
  }
}
