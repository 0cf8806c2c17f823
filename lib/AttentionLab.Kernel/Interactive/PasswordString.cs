namespace Microsoft.DotNet.Interactive;

/// <summary>A password that does not show itself by accident, as a cell's value for example.</summary>
/// <param name="password">The password.</param>
public sealed class PasswordString(string? password)
{
    /// <summary>The password.</summary>
    public string GetClearTextPassword() => password ?? "";

    /// <summary>Stars, whatever the password.</summary>
    public override string ToString() => "************";
}
