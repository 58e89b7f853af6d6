package io.portolan.sim.ec2.model;

/**
 * Carries an {@link Ec2Error} out of an operation to where it becomes the answer.
 *
 * <p>The one use of an exception for an expected outcome: an operation checks a dozen conditions at
 * several depths, its state is immutable, and so leaving it anywhere is the same as never having
 * begun. It is caught in one place, and from there on the error is a value.
 */
public final class Ec2Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Ec2Error error;

  Ec2Refusal(Ec2Error error) {
    super(error.toString(), null, false, false);
    this.error = error;
  }

  public Ec2Error error() {
    return error;
  }
}
