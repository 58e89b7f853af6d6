package io.portolan.sim.ec2.model;

/**
 * How EC2 refuses a request.
 *
 * @param code as in "Error codes for the Amazon EC2 API"
 * @param status HTTP status
 */
public record Ec2Error(String code, int status, String message) {
  public Ec2Error(String code, String message) {
    this(code, 400, message);
  }

  /** The same, to be thrown out of an operation. */
  public Ec2Refusal refusal() {
    return new Ec2Refusal(this);
  }

  @Override
  public String toString() {
    return code + ": " + message;
  }
}
