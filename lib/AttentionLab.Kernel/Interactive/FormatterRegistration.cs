namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>
/// <c>Formatter&lt;T&gt;.Register</c>, as notebooks of 2020 to 2022 have it; <see cref="Formatter"/> does the work.
/// </summary>
public static class FormatterRegistration
{
#pragma warning disable CA1000 // the name notebooks know
    extension<T>(Formatter<T>)
    {
        /// <summary>From now on a type's values are written so.</summary>
        /// <param name="formatter">Writes a value.</param>
        /// <param name="mimeType">As what.</param>
        public static void Register(Action<T, TextWriter> formatter, string mimeType = "text/plain") =>
            Formatter.Register(formatter, mimeType);

        /// <summary>From now on a type's values are shown as this text.</summary>
        /// <param name="formatter">Gives a value's text.</param>
        /// <param name="mimeType">As what.</param>
        public static void Register(Func<T, string> formatter, string mimeType = "text/plain") =>
            Formatter.Register(formatter, mimeType);
    }
#pragma warning restore CA1000
}
