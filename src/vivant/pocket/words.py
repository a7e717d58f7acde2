"""Words that are one token each beside the world's own: those of RelationBench's prompts, and everyday ones."""

RELATION_PROMPTS = """\
A {} is playing guitar on a park bench, serenading passersby.
A {} is playing piano in a grand hall filled with glowing chandeliers.
A {} is eating dinner in a bustling restaurant with soft jazz playing in the background.
A {} is dancing in the moonlight on a rooftop terrace with a stunning city view.
A {} is lifting weights in a modern gym, pushing through an intense workout.
A {} is reading a book by the fireplace on a rainy evening.
A {} is skiing down a steep slope in the Alps, with snowflakes falling gently.
A {} is sleeping peacefully in a hammock under the shade of a palm tree.
A {} is cooking lunch in an open-air kitchen overlooking a lush green valley.
A {} is singing on stage during a vibrant music festival with thousands of fans.
A {} is riding a bike along the scenic countryside road during sunset.
A {} is riding a horse on the grassland through a dense forest, surrounded by nature.
A {} is riding a motorbike on the street, on a winding mountain road, feeling the wind rush by.
A {} is playing soccer on football playground, on a sandy beach, with a vibrant sunset in the background.
A {} is playing chess with a {} in a quiet park under the shade of a tree.
A {} is partner dancing with a {} in a vintage ballroom with live music playing.
A {} is carrying a {} on the diving room, across a rushing river, carefully finding their steps.
A {} is fencing with a {} in an elegant arena, with spectators watching closely.
A {} shakes hands with a {} in the forest, at a formal awards ceremony after receiving a prize.
A {} is kissing a {} in the rain under a large umbrella in a romantic city square.
A {} is playing basketball with a {} on a street court.
A {} is wrestling with a {} in a championship ring.
A {} is hugging a {} in front of the mountain.
A {} is fighting with a {} in a garden.
A {} is sitting back to back with a {} on a hilltop.
"""
"""DreamRelation's table 10 and RelationBooth's table 9, one line a relation, the longer wording of each."""

EVERYDAY = """
a an the and or of in on at by to from with without into onto over under above below behind before beside between near
next inside outside around along across through up down off out for as like than then while during after is are was be
being been am do does doing did has have having had will can not no yes very more most less least many much few some
all each every both other another same different only one two three four five six seven eight nine ten first second
third last i you he she it we they me him her them his its my your our their this that these those who what where when
there here who left right top bottom middle centre center front back side upper lower corner edge close far
photo picture image painting drawing sketch illustration cartoon portrait photograph rendering style scene background
foreground view shot closeup full body face head hair eye eyes ear ears nose mouth tail paw paws hand hands arm arms
leg legs foot feet wing wings fur skin shirt dress coat jacket trousers skirt shorts sweater hoodie suit boots shoes
sneakers gloves hat cap beanie crown bow tie scarf glasses sunglasses collar necklace backpack bag belt cape flower
red orange yellow green blue purple violet pink brown black white grey gray gold golden silver beige cream tan teal
turquoise navy olive maroon lavender mint coral dark light bright pale striped spotted dotted checked plain patterned
plaid patches stripes spots dots patch stripe spot
big small large tiny little huge tall short long wide thin thick slim plump chubby round fat old young new cute happy
sad angry smiling laughing sleepy surprised serious funny fluffy soft shiny beautiful colourful colorful warm cold
wooden floppy pointed curly straight bushy
day night morning evening noon dawn dusk sunrise sunset sun moon star stars sky cloud clouds rain rainy snow snowy fog
wind storm summer winter autumn spring
cat dog fox bear rabbit bunny panda lion tiger elephant mouse monkey frog pig cow sheep goat duck owl penguin koala
raccoon wolf deer horse bird fish chicken turtle squirrel hedgehog otter kitten puppy robot doll teddy plush plushie toy
dinosaur dragon unicorn monster alien ghost wizard witch knight pirate princess prince king queen superhero hero
astronaut clown elf girl boy woman man person people child children kid baby lady gentleman chef farmer doctor teacher
firefighter police officer cowboy sailor student animal animals creature character
park garden forest wood woods beach sea ocean lake river mountain mountains hill hilltop meadow field farm desert island
road street city town village square court stage hall room kitchen bedroom bathroom library restaurant cafe bar gym
school office shop market museum station airport bridge castle house home tower rooftop terrace balcony ballroom arena
ring stadium playground pool cave jungle valley waterfall harbour space
tree trees grass leaf leaves bush rock stone water fire sand ice table chair bench sofa bed lamp window door wall floor
carpet shelf book books cup glass plate bowl bottle food bread cake apple banana fruit pizza soup tea coffee ball car
truck bus train boat ship plane bicycle bike motorbike motorcycle skateboard guitar piano drum violin trumpet
microphone board chess sword umbrella balloon candle clock phone computer camera kite swing hammock skis sled
stand standing sit sitting walk walking run running jump jumping lie lying sleep sleeping eat eating drink drinking
play playing dance dancing sing singing read reading write writing cook cooking ride riding drive driving carry
carrying hold holding hug hugging kiss kissing shake shaking fight fighting wrestle wrestling fence fencing lift
lifting throw throwing catch catching kick kicking swim swimming climb climbing fly flying look looking wave waving
point pointing wear wearing push pushing pull pulling talk talking work working watch watching wait waiting
together alone facing each other
"""
"""Words of plain prompts, whether or not the world can draw them."""
