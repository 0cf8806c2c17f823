using AttentionLab.Core;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class WelchTestTests
{
    // Means 1 and 4, variances 2 and 2: t = −3/√2, and by equal variances 2 degrees of freedom, of which Student's distribution
    // is 1/2 + t / (2·√(2 + t²)): p = 1 − (3/√2) / √6.5.
    // Means 0 and 2, variances 2 and 0: t = −2, 1 degree of freedom, of which it is Cauchy's: p = 1 − 2·arctan(2)/π.
    [Theory]
    [InlineData(new double[] { 0, 2 }, new double[] { 3, 5 }, 0.16794970566215628)]
    [InlineData(new double[] { -1, 1 }, new double[] { 2, 2, 2, 2 }, 0.29516723530086653)]
    [InlineData(new double[] { 0.5, 0.5 }, new double[] { 0.5, 0.5 }, 1)]
    [InlineData(new double[] { 0.5, 0.5 }, new double[] { 0, 0 }, 0)]
    public void P_values_by_hand(double[] a, double[] b, double expected)
    {
        // The distribution's incomplete beta function is a continued fraction that ends within some units of the last place.
        Assert.Equal(expected, WelchTest.PValue(a, b), 1e-13);
        Assert.Equal(expected, WelchTest.PValue(b, a), 1e-13);
    }
}
