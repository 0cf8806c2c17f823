using System.Numerics;
using System.Runtime.CompilerServices;
using AttentionLab.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The loops of <see cref="FusedNormalization"/>, picture by picture. Each picture has sums of its own, which are added up in
/// order, so that results do not depend on the number of threads.
/// </summary>
/// <remarks>
/// x is a value of the input, x̂ = (x − mean)·inverse its normalised value and y = γ·x̂ + β = scale·x + shift what the layer makes
/// of it with its weight γ and bias β. A window's output is max(0, y) of its highest y, the first of equals as torch has it; kept
/// is the x of that.
/// </remarks>
internal sealed unsafe class NormalizationLoops
{
    private readonly int _pictures,
        _channels;

    private readonly long _height,
        _width,
        _line; // numbers of a row of pixels

    private readonly float* _x,
        _mean,
        _inverse,
        _scale,
        _shift;

    /// <param name="input">N×C×H×W with channels last in memory, H and W even.</param>
    /// <param name="statistics">4×C: mean, inverse of the standard deviation, scale and shift of each channel.</param>
    public NormalizationLoops(Tensor input, Tensor statistics)
    {
        (_pictures, _channels) = ((int)input.shape[0], (int)input.shape[1]);
        (_height, _width, _line) = (input.shape[2], input.shape[3], input.shape[3] * _channels);
        _x = input.Floats();
        _mean = statistics.Floats();
        _inverse = _mean + _channels;
        _scale = _inverse + _channels;
        _shift = _scale + _channels;
    }

    private long PicturePixels => _height * _width;

    private double Pixels => (double)_pictures * PicturePixels;

    /// <summary>Takes the statistics of the input, and moves the layer's running statistics towards them.</summary>
    public void SetStatistics(BatchNorm2d norm)
    {
        (double[] means, double[] variances) = Moments();
        double momentum = norm.momentum!.Value;
        float* weight = norm.weight.Floats(),
            bias = norm.bias!.Floats(),
            runningMean = norm.running_mean!.Floats(),
            runningVariance = norm.running_var!.Floats();
        for (int c = 0; c < _channels; c++)
        {
            double unbiased = variances[c] * Pixels / (Pixels - 1);
            _mean[c] = (float)means[c];
            _inverse[c] = (float)(1 / Math.Sqrt(variances[c] + norm.eps));
            _scale[c] = weight[c] * _inverse[c];
            _shift[c] = bias[c] - (_mean[c] * _scale[c]);
            runningMean[c] = (float)((momentum * means[c]) + ((1 - momentum) * runningMean[c]));
            runningVariance[c] = (float)((momentum * unbiased) + ((1 - momentum) * runningVariance[c]));
        }

        norm.num_batches_tracked!.add_(1);
    }

    /// <summary>The outputs, and of each picture and channel the mean of max(0, y) where that is asked for.</summary>
    /// <param name="output">N×H/2×W/2×C.</param>
    /// <param name="kept">The same.</param>
    /// <param name="means">N×C, or null.</param>
    /// <param name="passing">N×2×C: of the x whose y is positive, how many they are and the sum of x − mean; null as well.</param>
    public void Pool(float* output, float* kept, float* means, float* passing) =>
        TorchThreads.For(
            _pictures,
            picture =>
            {
                var sums = new float[3 * _channels];
                fixed (float* sum = sums)
                {
                    float* count = sum + _channels,
                        spread = count + _channels;
                    for (long row = 0; row < _height / 2; row++)
                    {
                        for (int c = 0; c < _channels; c += Vector<float>.Count)
                        {
                            var windows = new ForwardWindows(
                                At(_mean + c),
                                At(_scale + c),
                                At(_shift + c),
                                hasSums: means is not null
                            );
                            long place = OutputPlace(picture, row, c);
                            windows.Pool(Corner(picture, row, c), _line, _channels, output + place, kept + place);
                            (At(sum + c) + windows.Sum).Store(sum + c);
                            (At(count + c) + windows.Count).Store(count + c);
                            (At(spread + c) + windows.Spread).Store(spread + c);
                        }
                    }

                    for (int c = 0; c < _channels && means is not null; c++)
                    {
                        means[((long)picture * _channels) + c] = sum[c] / PicturePixels;
                        passing[(2L * picture * _channels) + c] = count[c];
                        passing[(((2L * picture) + 1) * _channels) + c] = spread[c];
                    }
                }
            }
        );

    /// <summary>The gradients of weight and bias: Σ(g·x̂) and Σg, g the gradient of a y.</summary>
    /// <param name="outputGradient">N×H/2×W/2×C.</param>
    /// <param name="meanGradient">N×C, or null.</param>
    /// <param name="kept">As <see cref="Pool"/> set it.</param>
    /// <param name="passing">As that set it.</param>
    /// <param name="weight">C.</param>
    /// <param name="bias">C.</param>
    public void SumGradients(float* outputGradient, float* meanGradient, float* kept, float* passing, float* weight, float* bias)
    {
        var sums = new float[_pictures, _channels];
        var products = new float[_pictures, _channels];
        TorchThreads.For(
            _pictures,
            picture =>
            {
                float* from = outputGradient + OutputPlace(picture, 0, 0),
                    to = outputGradient + OutputPlace(picture + 1, 0, 0),
                    x = kept + OutputPlace(picture, 0, 0);
                for (int c = 0; c < _channels; c += Vector<float>.Count)
                {
                    (Vector<float> sum, Vector<float> product) = Sum(from + c, to, x + c, c);
                    for (int i = 0; i < Vector<float>.Count; i++)
                    {
                        (sums[picture, c + i], products[picture, c + i]) = (sum[i], product[i]);
                    }
                }
            }
        );
        for (int c = 0; c < _channels; c++)
        {
            double sum = 0,
                product = 0;
            for (long picture = 0; picture < _pictures; picture++)
            {
                (sum, product) = (sum + sums[picture, c], product + products[picture, c]);
                if (meanGradient is not null)
                {
                    double ofEach = meanGradient[(picture * _channels) + c] / (double)PicturePixels;
                    sum += ofEach * passing[(2 * picture * _channels) + c];
                    product += ofEach * passing[(((2 * picture) + 1) * _channels) + c];
                }
            }

            (weight[c], bias[c]) = ((float)(product * _inverse[c]), (float)sum);
        }
    }

    private (Vector<float> Sum, Vector<float> Product) Sum(float* gradient, float* end, float* kept, int channel)
    {
        Vector<float> mean = At(_mean + channel),
            scale = At(_scale + channel),
            shift = At(_shift + channel),
            sum = default,
            product = default;
        int channels = _channels;
        for (; gradient < end; gradient += channels, kept += channels)
        {
            Vector<float> x = At(kept),
                passed = WherePositive(Normalized(x, scale, shift), At(gradient));
            sum += passed;
            product = Vector.MultiplyAddEstimate(passed, x - mean, product);
        }

        return (sum, product);
    }

    /// <summary>
    /// The gradient of each x: scale·(g − Σg/n − x̂·Σ(g·x̂)/n), n the number of pixels. A window's gradient goes to the first x that
    /// is kept, the mean's to all whose y is positive.
    /// </summary>
    /// <param name="outputGradient">N×H/2×W/2×C.</param>
    /// <param name="meanGradient">N×C, or null.</param>
    /// <param name="kept">As <see cref="Pool"/> set it.</param>
    /// <param name="weight">C: Σ(g·x̂).</param>
    /// <param name="bias">C: Σg.</param>
    /// <param name="gradient">N×H×W×C.</param>
    public void Pass(float* outputGradient, float* meanGradient, float* kept, float* weight, float* bias, float* gradient) =>
        TorchThreads.For(
            _pictures,
            picture =>
            {
                var share = new Vector<float>(1f / PicturePixels);
                var portion = new Vector<float>((float)(1 / Pixels));
                for (long row = 0; row < _height / 2; row++)
                {
                    for (int c = 0; c < _channels; c += Vector<float>.Count)
                    {
                        var windows = new BackwardWindows(
                            At(_mean + c),
                            At(_scale + c),
                            At(_shift + c),
                            meanGradient is null ? default : At(meanGradient + (picture * _channels) + c) * share,
                            At(bias + c) * portion,
                            At(weight + c) * At(_inverse + c) * portion,
                            hasShared: meanGradient is not null
                        );
                        long place = OutputPlace(picture, row, c);
                        float* x = Corner(picture, row, c);
                        windows.Pass(outputGradient + place, kept + place, x, gradient + (x - _x), _line, _channels);
                    }
                }
            }
        );

    /// <summary>Mean and biased variance of each channel.</summary>
    private (double[] Means, double[] Variances) Moments()
    {
        using Tensor ofPictures = empty(2, _pictures, _channels);
        float* means = ofPictures.Floats(),
            squares = means + ((long)_pictures * _channels);
        TorchThreads.For(
            _pictures,
            picture =>
                SumMoments(
                    _x + (picture * PicturePixels * _channels),
                    means + ((long)picture * _channels),
                    squares + ((long)picture * _channels)
                )
        );

        var allMeans = new double[_channels];
        var variances = new double[_channels];
        for (int c = 0; c < _channels; c++)
        {
            double mean = 0,
                square = 0;
            for (long picture = 0; picture < _pictures; picture++)
            {
                double difference = means[(picture * _channels) + c] - mean;
                mean += difference / (picture + 1);
                square +=
                    squares[(picture * _channels) + c] + (difference * difference * PicturePixels * picture / (picture + 1));
            }

            (allMeans[c], variances[c]) = (mean, square / Pixels);
        }

        return (allMeans, variances);
    }

    /// <summary>
    /// Mean and squares of the differences from it of a picture, by blocks of pixels that stay in the first cache. What is known of
    /// two sets of values gives what is known of both: Chan, Golub, LeVeque, "Algorithms for Computing the Sample Variance", The
    /// American Statistician 37 (1983), equation 1.5.
    /// </summary>
    private void SumMoments(float* x, float* mean, float* square)
    {
        const int Block = 32;
        new Span<float>(mean, _channels).Clear();
        new Span<float>(square, _channels).Clear();
        for (long before = 0; before < PicturePixels; before += Block, x += Block * _channels)
        {
            int pixels = (int)Math.Min(Block, PicturePixels - before);
            float share = (float)pixels / (before + pixels);
            for (int c = 0; c < _channels; c += Vector<float>.Count)
            {
                Vector<float> center = Sum(x + c, pixels) / new Vector<float>(pixels),
                    difference = center - At(mean + c);
                (At(square + c) + SumOfSquares(x + c, pixels, center) + (difference * difference * (before * share))).Store(
                    square + c
                );
                (At(mean + c) + (difference * share)).Store(mean + c);
            }
        }
    }

    private Vector<float> Sum(float* x, int pixels)
    {
        Vector<float> even = default,
            odd = default;
        for (; pixels >= 2; pixels -= 2, x += 2 * _channels)
        {
            even += At(x);
            odd += At(x + _channels);
        }

        return even + odd; // H and W are even, and so is a block
    }

    private Vector<float> SumOfSquares(float* x, int pixels, Vector<float> center)
    {
        Vector<float> even = default,
            odd = default;
        for (; pixels >= 2; pixels -= 2, x += 2 * _channels)
        {
            Vector<float> one = At(x) - center,
                other = At(x + _channels) - center;
            even = Vector.MultiplyAddEstimate(one, one, even);
            odd = Vector.MultiplyAddEstimate(other, other, odd);
        }

        return even + odd;
    }

    /// <summary>The upper left value of the first window of a row.</summary>
    private float* Corner(long picture, long row, int channel) => _x + (((picture * _height) + (2 * row)) * _line) + channel;

    /// <summary>Where the output of that window is.</summary>
    private long OutputPlace(long picture, long row, int channel) => (((picture * (_height / 2)) + row) * (_line / 2)) + channel;

    private static Vector<float> At(float* values) => Vector.Load(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Normalized(Vector<float> x, Vector<float> scale, Vector<float> shift) =>
        Vector.MultiplyAddEstimate(x, scale, shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> WherePositive(Vector<float> y, Vector<float> value) =>
        Vector.BitwiseAnd(Vector.AsVectorSingle(Vector.GreaterThan(y, Vector<float>.Zero)), value);

    /// <summary>A row of windows forward; as many channels as a vector has numbers.</summary>
    private struct ForwardWindows(Vector<float> mean, Vector<float> scale, Vector<float> shift, bool hasSums)
    {
        /// <summary>Of max(0, y).</summary>
        public Vector<float> Sum;

        /// <summary>Of positive y.</summary>
        public Vector<float> Count;

        /// <summary>Of x − mean where y is positive.</summary>
        public Vector<float> Spread;

        public void Pool(float* x, long line, int channels, float* output, float* kept)
        {
            for (float* end = x + line; x < end; x += 2 * channels, output += channels, kept += channels)
            {
                Vector<float> highest = At(x),
                    y = Take(highest);
                (highest, y) = Higher(highest, y, x + channels);
                (highest, y) = Higher(highest, y, x + line);
                (highest, y) = Higher(highest, y, x + line + channels);
                Vector.MaxNative(default, y).Store(output); // NaN stays NaN
                highest.Store(kept);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector<float> X, Vector<float> Y) Higher(Vector<float> x, Vector<float> y, float* next)
        {
            Vector<float> otherX = At(next),
                otherY = Take(otherX);
            Vector<int> isHigher = Vector.GreaterThan(otherY, y);
            return (Vector.ConditionalSelect(isHigher, otherX, x), Vector.ConditionalSelect(isHigher, otherY, y));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector<float> Take(Vector<float> x)
        {
            Vector<float> y = Normalized(x, scale, shift);
            if (hasSums)
            {
                Sum += Vector.MaxNative(default, y);
                Count += WherePositive(y, Vector<float>.One);
                Spread += WherePositive(y, x - mean);
            }

            return y;
        }
    }

    /// <summary>A row of windows backward; as many channels as a vector has numbers.</summary>
    private readonly struct BackwardWindows(
        Vector<float> mean,
        Vector<float> scale,
        Vector<float> shift,
        Vector<float> shared,
        Vector<float> constant,
        Vector<float> slope,
        bool hasShared
    )
    {
        public void Pass(float* outputGradient, float* kept, float* x, float* gradient, long line, int channels)
        {
            float* end = x + line;
            for (; x < end; x += 2 * channels, gradient += 2 * channels, outputGradient += channels, kept += channels)
            {
                Vector<float> highest = At(kept),
                    left = WherePositive(Normalized(highest, scale, shift), At(outputGradient));
                left = Pass(highest, left, x, gradient);
                left = Pass(highest, left, x + channels, gradient + channels);
                left = Pass(highest, left, x + line, gradient + line);
                _ = Pass(highest, left, x + line + channels, gradient + line + channels);
            }
        }

        /// <summary>Returns what is left for the window's next x.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector<float> Pass(Vector<float> highest, Vector<float> left, float* at, float* gradient)
        {
            Vector<float> x = At(at),
                isKept = Vector.AsVectorSingle(Vector.Equals(x, highest)),
                g = Vector.BitwiseAnd(isKept, left);
            if (hasShared)
            {
                g += WherePositive(Normalized(x, scale, shift), shared);
            }

            (scale * (g - constant - ((x - mean) * slope))).Store(gradient);
            return Vector.AndNot(left, isKept);
        }
    }
}
