using System.Numerics;

namespace AttentionLab.Data;

/// <summary>
/// Runs an operation over all pixels with the machine's vectors: one path for every processor and every picture size.
/// </summary>
internal static class PixelLoop
{
    public static void Run<TOperation>(Span<byte> planes, TOperation operation)
        where TOperation : struct, IPixelOperation => Run(planes, ref operation);

    /// <summary>The same for an operation that gathers something; the pixels that fill up the last vector are black.</summary>
    public static void Run<TOperation>(Span<byte> planes, ref TOperation operation)
        where TOperation : struct, IPixelOperation
    {
        int area = Planes.AreaOf(planes),
            p = 0;
        Span<byte> red = planes[..area],
            green = planes.Slice(area, area),
            blue = planes[(2 * area)..];
        for (; p <= area - Vector<byte>.Count; p += Vector<byte>.Count)
        {
            RunBlock(red[p..], green[p..], blue[p..], ref operation);
        }

        if (p < area)
        {
            Span<byte> restRed = stackalloc byte[Vector<byte>.Count],
                restGreen = stackalloc byte[Vector<byte>.Count],
                restBlue = stackalloc byte[Vector<byte>.Count];
            red[p..].CopyTo(restRed);
            green[p..].CopyTo(restGreen);
            blue[p..].CopyTo(restBlue);
            RunBlock(restRed, restGreen, restBlue, ref operation);
            restRed[..(area - p)].CopyTo(red[p..]);
            restGreen[..(area - p)].CopyTo(green[p..]);
            restBlue[..(area - p)].CopyTo(blue[p..]);
        }
    }

    private static void RunBlock<TOperation>(Span<byte> red, Span<byte> green, Span<byte> blue, ref TOperation operation)
        where TOperation : struct, IPixelOperation
    {
        Floats r = Floats.From(red),
            g = Floats.From(green),
            b = Floats.From(blue);
        operation.Apply(ref r.A, ref g.A, ref b.A);
        operation.Apply(ref r.B, ref g.B, ref b.B);
        operation.Apply(ref r.C, ref g.C, ref b.C);
        operation.Apply(ref r.D, ref g.D, ref b.D);
        r.CopyTo(red);
        g.CopyTo(green);
        b.CopyTo(blue);
    }

    /// <summary>One vector of bytes makes four of floats.</summary>
    private ref struct Floats
    {
        public Vector<float> A,
            B,
            C,
            D;

        public static Floats From(ReadOnlySpan<byte> bytes)
        {
            Vector.Widen(new Vector<byte>(bytes), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            return new Floats
            {
                A = ToFloat(a),
                B = ToFloat(b),
                C = ToFloat(c),
                D = ToFloat(d),
            };
        }

        public readonly void CopyTo(Span<byte> bytes) =>
            Vector.Narrow(Vector.Narrow(ToWhole(A), ToWhole(B)), Vector.Narrow(ToWhole(C), ToWhole(D))).CopyTo(bytes);

        private static Vector<float> ToFloat(Vector<uint> value) => Vector.ConvertToSingle(Vector.AsVectorInt32(value));

        private static Vector<uint> ToWhole(Vector<float> value) =>
            Vector.AsVectorUInt32(
                Vector.ConvertToInt32Native(
                    Vector.MinNative(Vector.MaxNative(value, Vector<float>.Zero), new Vector<float>(255f))
                )
            );
    }
}
